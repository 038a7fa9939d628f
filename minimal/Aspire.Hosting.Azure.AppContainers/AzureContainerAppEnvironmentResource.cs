using Aspire.Hosting.ApplicationModel;
using Azure.Provisioning.AppContainers;

namespace Aspire.Hosting.Azure.AppContainers
{
    /// <summary>Where the apps run.</summary>
    public class AzureContainerAppEnvironmentResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
        : AzureProvisioningResource(name, configureInfrastructure), IComputeEnvironmentResource, IAzureDelegatedSubnetResource
    {
        string IAzureDelegatedSubnetResource.DelegatedSubnetServiceName => "Microsoft.App/environments";
    }
}

namespace Aspire.Hosting.Azure
{
    /// <summary>Changes a container app after it was made of the model.</summary>
    public sealed class AzureContainerAppCustomizationAnnotation(Action<AzureResourceInfrastructure, ContainerApp> configure) : IResourceAnnotation
    {
        public Action<AzureResourceInfrastructure, ContainerApp> Configure { get; } = configure ?? throw new ArgumentNullException(nameof(configure));
    }
}
