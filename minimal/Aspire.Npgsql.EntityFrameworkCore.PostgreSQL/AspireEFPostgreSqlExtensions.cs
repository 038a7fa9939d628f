using System.Diagnostics.CodeAnalysis;
using Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql.EntityFrameworkCore.PostgreSQL;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a database context on Postgres with retries, health check and telemetry.</summary>
public static class AspireEFPostgreSqlExtensions
{
    const string Section = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";
    const string TelemetryName = "Npgsql";

    /// <summary>A pooled context. A missing connection string fails when the context is first used.</summary>
    /// <exception cref="InvalidOperationException">The context is registered already.</exception>
    public static void AddNpgsqlDbContext<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null,
        Action<DbContextOptionsBuilder>? configureDbContextOptions = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        if (IsRegistered<TContext>(builder))
            throw new InvalidOperationException($"DbContext<{typeof(TContext).Name}> is already registered. Please ensure 'services.AddDbContext<{typeof(TContext).Name}>()' is not used when calling '{nameof(AddNpgsqlDbContext)}()' or use the corresponding 'Enrich' method.");
        var settings = Settings<TContext>(builder, connectionName);
        if (builder.Configuration.GetConnectionString(connectionName) is { Length: > 0 } connectionString)
            settings.ConnectionString = connectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddDbContextPool<TContext>(options =>
        {
            if (string.IsNullOrEmpty(settings.ConnectionString))
                throw new InvalidOperationException($"ConnectionString is missing. It should be provided in 'ConnectionStrings:{connectionName}' or under the 'ConnectionString' key in '{Section}' or '{Section}:{typeof(TContext).Name}' configuration section.");
            options.UseNpgsql(settings.ConnectionString, npgsql =>
            {
                // The same order as the real package: what the caller sets in configureDbContextOptions wins.
                if (!settings.DisableRetry)
                    npgsql.EnableRetryOnFailure();
                if (settings.CommandTimeout is { } seconds)
                    npgsql.CommandTimeout(seconds);
            });
            configureDbContextOptions?.Invoke(options);
        });
        AddObservation<TContext>(builder, settings);
    }

    /// <summary>Adds retries, health check and telemetry to a context that is registered already.</summary>
    /// <exception cref="InvalidOperationException">It is not registered, or (when it is first used) has an execution strategy of its own while retry is on.</exception>
    public static void EnrichNpgsqlDbContext<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TContext>(
        this IHostApplicationBuilder builder,
        Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!IsRegistered<TContext>(builder))
            throw new InvalidOperationException($"DbContext<{typeof(TContext).Name}> was not registered. Ensure you have registered the DbContext in DI before calling '{nameof(EnrichNpgsqlDbContext)}'.");
        var settings = Settings<TContext>(builder, connectionName: null);
        configureSettings?.Invoke(settings);

        builder.Services.ConfigureDbContext<TContext>(options => Enrich<TContext>(options, settings));
        AddObservation<TContext>(builder, settings);
    }

    static void Enrich<TContext>(DbContextOptionsBuilder options, NpgsqlEntityFrameworkCorePostgreSQLSettings settings)
    {
        var configured = options.Options.Extensions.OfType<RelationalOptionsExtension>().FirstOrDefault();
        if (!settings.DisableRetry && configured?.ExecutionStrategyFactory is { } factory)
        {
            // The only way to see which strategy a factory makes; the real package does the same.
#pragma warning disable EF1001
            var strategy = factory(new ExecutionStrategyDependencies(null!, options.Options, null!));
#pragma warning restore EF1001
            if (strategy is not NpgsqlRetryingExecutionStrategy)
                throw new InvalidOperationException($"{nameof(NpgsqlEntityFrameworkCorePostgreSQLSettings)}.{nameof(settings.DisableRetry)} needs to be set when a custom Execution Strategy is configured.");
        }
        if (settings.CommandTimeout is { } seconds && configured?.CommandTimeout is { } other && other != seconds)
            throw new InvalidOperationException($"Conflicting values for 'CommandTimeout' were found in {nameof(NpgsqlEntityFrameworkCorePostgreSQLSettings)} and set in DbContextOptions<{typeof(TContext).Name}>.");
        options.UseNpgsql(npgsql =>
        {
            if (!settings.DisableRetry && configured?.ExecutionStrategyFactory is null)
                npgsql.EnableRetryOnFailure();
            if (settings.CommandTimeout is { } timeout)
                npgsql.CommandTimeout(timeout);
        });
    }

    static bool IsRegistered<TContext>(IHostApplicationBuilder builder)
        where TContext : DbContext =>
        builder.Services.Any(service => service.ServiceType == typeof(TContext) || service.ServiceType == typeof(DbContextOptions<TContext>));

    static NpgsqlEntityFrameworkCorePostgreSQLSettings Settings<TContext>(IHostApplicationBuilder builder, string? connectionName)
    {
        var settings = new NpgsqlEntityFrameworkCorePostgreSQLSettings();
        builder.Configuration.GetSection(Section).Bind(settings);
        if (connectionName is not null)
        {
            builder.Configuration.GetSection($"{Section}:{connectionName}").Bind(settings);
            builder.Configuration.GetSection($"{Section}:{connectionName}:{typeof(TContext).Name}").Bind(settings);
        }
        builder.Configuration.GetSection($"{Section}:{typeof(TContext).Name}").Bind(settings);
        return settings;
    }

    static void AddObservation<TContext>(IHostApplicationBuilder builder, NpgsqlEntityFrameworkCorePostgreSQLSettings settings)
        where TContext : DbContext
    {
        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                typeof(TContext).Name,
                services => new DbContextHealthCheck<TContext>(services.GetRequiredService<IServiceScopeFactory>()),
                failureStatus: null,
                tags: null));
        }
        if (!settings.DisableTracing)
            builder.Services.ConfigureOpenTelemetryTracerProvider(static tracing => tracing.AddSource(TelemetryName));
        if (!settings.DisableMetrics)
            builder.Services.ConfigureOpenTelemetryMeterProvider(static metrics => metrics.AddMeter(TelemetryName));
    }
}
