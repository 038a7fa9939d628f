using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;

namespace Aspire.Hosting.Azure
{
    /// <summary>A managed server.</summary>
    public class AzurePostgresFlexibleServerResource(string name, Action<AzureResourceInfrastructure> configureInfrastructure)
        : AzureProvisioningResource(name, configureInfrastructure), IResourceWithConnectionString
    {
        /// <summary>Whether clients sign in with a password (kept in a key vault) and not with an identity.</summary>
        public bool UsePasswordAuthentication { get; internal set; }

        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{new BicepOutputReference("connectionString", this)}");
    }

    public class AzurePostgresFlexibleServerDatabaseResource(string name, string databaseName, AzurePostgresFlexibleServerResource postgresParentResource)
        : Resource(name), IResourceWithParent<AzurePostgresFlexibleServerResource>, IResourceWithConnectionString
    {
        public AzurePostgresFlexibleServerResource Parent { get; } = postgresParentResource;
        public string DatabaseName { get; } = databaseName;
        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Parent};Database={DatabaseName}");
    }
}

namespace Aspire.Hosting
{
    public static class AzurePostgresExtensions
    {
        public static IResourceBuilder<AzurePostgresFlexibleServerResource> AddAzurePostgresFlexibleServer(this IDistributedApplicationBuilder builder, string name)
            => builder.AddResource(new AzurePostgresFlexibleServerResource(name, static _ => { }));

        public static IResourceBuilder<AzurePostgresFlexibleServerResource> WithPasswordAuthentication(
            this IResourceBuilder<AzurePostgresFlexibleServerResource> builder,
            IResourceBuilder<ParameterResource>? userName = null,
            IResourceBuilder<ParameterResource>? password = null)
        {
            builder.Resource.UsePasswordAuthentication = true;
            return builder;
        }

        public static IResourceBuilder<AzurePostgresFlexibleServerDatabaseResource> AddDatabase(this IResourceBuilder<AzurePostgresFlexibleServerResource> builder, string name, string? databaseName = null)
            => builder.ApplicationBuilder.AddResource(new AzurePostgresFlexibleServerDatabaseResource(name, databaseName ?? name, builder.Resource));
    }
}
