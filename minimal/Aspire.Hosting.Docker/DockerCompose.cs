using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker;
using Aspire.Hosting.Docker.Resources.ComposeNodes;

namespace Aspire.Hosting.Docker
{
    /// <summary>One file of services for Docker Compose.</summary>
    public class DockerComposeEnvironmentResource(string name) : Resource(name), IComputeEnvironmentResource;

    /// <summary>A resource as a service of that file.</summary>
    public class DockerComposeServiceResource(string name, IResource resource, DockerComposeEnvironmentResource composeEnvironmentResource)
        : Resource(name), IResourceWithParent<DockerComposeEnvironmentResource>
    {
        internal IResource TargetResource { get; } = resource;
        public DockerComposeEnvironmentResource Parent { get; } = composeEnvironmentResource;
    }

    /// <summary>Changes a service after it was made of the model.</summary>
    public sealed class DockerComposeServiceCustomizationAnnotation(Action<DockerComposeServiceResource, Service> configure) : IResourceAnnotation
    {
        public Action<DockerComposeServiceResource, Service> Configure { get; } = configure ?? throw new ArgumentNullException(nameof(configure));
    }
}

namespace Aspire.Hosting
{
    public static class DockerComposeEnvironmentExtensions
    {
        /// <summary>Adds the environment; in run mode nothing enters the model.</summary>
        public static IResourceBuilder<DockerComposeEnvironmentResource> AddDockerComposeEnvironment(this IDistributedApplicationBuilder builder, string name)
        {
            var environment = new DockerComposeEnvironmentResource(name);
            return builder.ExecutionContext.IsRunMode ? builder.CreateResourceBuilder(environment) : builder.AddResource(environment);
        }
    }

    public static class DockerComposeServiceExtensions
    {
        /// <summary>Nothing in run mode.</summary>
        public static IResourceBuilder<T> PublishAsDockerComposeService<T>(this IResourceBuilder<T> builder, Action<DockerComposeServiceResource, Service> configure)
            where T : IComputeResource
            => builder.ApplicationBuilder.ExecutionContext.IsPublishMode ? builder.WithAnnotation(new DockerComposeServiceCustomizationAnnotation(configure)) : builder;
    }
}
