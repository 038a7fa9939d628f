using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Postgres;
using Aspire.Hosting.Runner;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

public static class PostgresBuilderExtensions
{
    /// <summary>Adds a PostgreSQL server: endpoint <c>tcp</c>, user <c>postgres</c>, a generated and kept password, health check <c>name_check</c>.</summary>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        var server = new PostgresServerResource(name, userName?.Resource, password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPassword(builder, $"{name}-password"));
        return builder.AddResource(server)
            .WithEndpoint(port: port, targetPort: 5432, name: PostgresServerResource.PrimaryEndpointName)
            .WithAnnotation(new ContainerImageAnnotation { Registry = "docker.io", Image = "library/postgres", Tag = "18.3" })
            .WithAnnotation(PostgresRecipe.For(server))
            .WithPostgresHealthCheck(builder, () => server.ConnectionStringExpression)
            .WithLifecycleCommands();
    }

    /// <summary>Adds a database, created if it does not exist.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var server = builder.Resource;
        var database = new PostgresDatabaseResource(name, databaseName ?? name, server);
        return builder.ApplicationBuilder.AddResource(database)
            .WithAnnotation(new CreateInParentAnnotation(ct => PostgresSql.CreateDatabaseAsync(server.ConnectionStringExpression, database.DatabaseName, ct)))
            .WithPostgresHealthCheck(builder.ApplicationBuilder, () => database.ConnectionStringExpression);
    }

    /// <summary>Keeps the data between runs.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false)
        => builder.WithAnnotation(new ContainerMountAnnotation(name ?? $"{builder.Resource.Name}-data", "/var/lib/postgresql", ContainerMountType.Volume, isReadOnly));

    private static IResourceBuilder<T> WithPostgresHealthCheck<T>(this IResourceBuilder<T> resource, IDistributedApplicationBuilder builder, Func<ReferenceExpression> connectionString)
        where T : IResource
    {
        var check = $"{resource.Resource.Name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(check, new PostgresHealthCheck(connectionString), failureStatus: null, tags: null));
        return resource.WithHealthCheck(check);
    }
}
