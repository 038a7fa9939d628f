using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Azure
{
    /// <summary>Marks an Azure resource.</summary>
    public interface IAzureResource : IResource;

    /// <summary>Takes a subnet of its own.</summary>
    public interface IAzureDelegatedSubnetResource : IResource
    {
        string DelegatedSubnetServiceName { get; }
    }

    /// <summary>The templates of one resource; there is nothing here that would deploy them.</summary>
    public sealed class AzureResourceInfrastructure : global::Azure.Provisioning.Infrastructure
    {
        internal AzureResourceInfrastructure(AzureProvisioningResource resource, string name)
            : base(name) => AspireResource = resource;

        public AzureProvisioningResource AspireResource { get; }
    }

    public class AzureBicepResource(string name) : Resource(name), IAzureResource;

    public class AzureProvisioningResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure) : AzureBicepResource(name)
    {
        public Action<AzureResourceInfrastructure> ConfigureInfrastructure { get; internal set; } = configureInfrastructure;

        /// <summary>What its templates hold once every callback has run.</summary>
        internal AzureResourceInfrastructure Configured()
        {
            var infrastructure = new AzureResourceInfrastructure(this, Name);
            ConfigureInfrastructure(infrastructure);
            return infrastructure;
        }
    }

    /// <summary>A value that a resource's deployment gives back.</summary>
    public sealed class BicepOutputReference(string name, AzureBicepResource resource) : IValueProvider, IManifestExpressionProvider
    {
        public string Name { get; } = name;
        public AzureBicepResource Resource { get; } = resource;
        public string ValueExpression => $"{{{Resource.Name}.outputs.{Name}}}";

        public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
            => throw new DistributedApplicationException($"The output '{Name}' of '{Resource.Name}' is known once it is deployed.");
    }

    /// <summary>Which subnet a resource runs in.</summary>
    public sealed class DelegatedSubnetAnnotation(ReferenceExpression subnetId) : IResourceAnnotation
    {
        public ReferenceExpression SubnetId { get; } = subnetId;
    }
}

namespace Aspire.Hosting
{
    public static class AzureProvisioningResourceExtensions
    {
        /// <summary>Changes the templates after they were made.</summary>
        public static IResourceBuilder<T> ConfigureInfrastructure<T>(this IResourceBuilder<T> builder, Action<Azure.AzureResourceInfrastructure> configure)
            where T : Azure.AzureProvisioningResource
        {
            builder.Resource.ConfigureInfrastructure += configure;
            return builder;
        }
    }
}
