using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace Aspire.Hosting.Azure
{
    public class AzureVirtualNetworkResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure) : AzureProvisioningResource(name, configureInfrastructure);

    public class AzureSubnetResource(string name, string subnetName, string addressPrefix, AzureVirtualNetworkResource parent)
        : Resource(name), IResourceWithParent<AzureVirtualNetworkResource>
    {
        public string SubnetName { get; } = subnetName;
        public string? AddressPrefix { get; } = addressPrefix;
        public BicepOutputReference Id => new($"{Name}_Id", Parent);
        public AzureVirtualNetworkResource Parent { get; } = parent;
    }
}

namespace Aspire.Hosting
{
    public static class AzureVirtualNetworkExtensions
    {
        /// <summary>Adds a network of its own; in run mode nothing enters the model.</summary>
        public static IResourceBuilder<AzureVirtualNetworkResource> AddAzureVirtualNetwork(this IDistributedApplicationBuilder builder, string name, string? addressPrefix = null)
            => Add(builder, new AzureVirtualNetworkResource(name, static _ => { }));

        public static IResourceBuilder<AzureSubnetResource> AddSubnet(this IResourceBuilder<AzureVirtualNetworkResource> builder, string name, string addressPrefix, string? subnetName = null)
            => Add(builder.ApplicationBuilder, new AzureSubnetResource(name, subnetName ?? name, addressPrefix, builder.Resource));

        public static IResourceBuilder<T> WithDelegatedSubnet<T>(this IResourceBuilder<T> builder, IResourceBuilder<AzureSubnetResource> subnet)
            where T : IAzureDelegatedSubnetResource
            => builder.WithAnnotation(new DelegatedSubnetAnnotation(ReferenceExpression.Create($"{subnet.Resource.Id}")), ResourceAnnotationMutationBehavior.Replace);

        private static IResourceBuilder<T> Add<T>(IDistributedApplicationBuilder builder, T resource)
            where T : IResource
            => builder.ExecutionContext.IsRunMode ? builder.CreateResourceBuilder(resource) : builder.AddResource(resource);
    }
}
