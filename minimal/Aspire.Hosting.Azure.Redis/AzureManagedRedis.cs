using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace Aspire.Hosting.Azure
{
    /// <summary>A managed Redis.</summary>
    public class AzureManagedRedisResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
        : AzureProvisioningResource(name, configureInfrastructure), IResourceWithConnectionString
    {
        /// <summary>Whether clients sign in with a key (kept in a key vault) and not with an identity.</summary>
        public bool UseAccessKeyAuthentication { get; internal set; }

        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{new BicepOutputReference("connectionString", this)}");
    }
}

namespace Aspire.Hosting
{
    public static class AzureManagedRedisExtensions
    {
        public static IResourceBuilder<AzureManagedRedisResource> AddAzureManagedRedis(this IDistributedApplicationBuilder builder, string name)
            => builder.AddResource(new AzureManagedRedisResource(name, static _ => { }));

        public static IResourceBuilder<AzureManagedRedisResource> WithAccessKeyAuthentication(this IResourceBuilder<AzureManagedRedisResource> builder)
        {
            builder.Resource.UseAccessKeyAuthentication = true;
            return builder;
        }
    }
}
