using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Azure.AppContainers;
using Azure.Provisioning.AppContainers;

namespace Aspire.Hosting;

public static class AzureContainerAppExtensions
{
    /// <summary>Adds the environment; in run mode nothing enters the model.</summary>
    public static IResourceBuilder<AzureContainerAppEnvironmentResource> AddAzureContainerAppEnvironment(this IDistributedApplicationBuilder builder, string name)
    {
        var environment = new AzureContainerAppEnvironmentResource(name, static infrastructure => infrastructure.Add(new ContainerAppManagedEnvironment(infrastructure.BicepName)));
        return builder.ExecutionContext.IsRunMode ? builder.CreateResourceBuilder(environment) : builder.AddResource(environment);
    }
}

public static class AzureContainerAppProjectExtensions
{
    /// <summary>Nothing in run mode.</summary>
    public static IResourceBuilder<T> PublishAsAzureContainerApp<T>(this IResourceBuilder<T> project, Action<AzureResourceInfrastructure, ContainerApp> configure)
        where T : ProjectResource
        => project.ApplicationBuilder.ExecutionContext.IsPublishMode ? project.WithAnnotation(new AzureContainerAppCustomizationAnnotation(configure)) : project;
}
