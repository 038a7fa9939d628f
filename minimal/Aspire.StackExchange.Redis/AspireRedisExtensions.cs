using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers the shared Redis connection of a service.</summary>
public static class AspireRedisExtensions
{
    const string Section = "Aspire:StackExchange:Redis";
    const string ActivitySourceName = "OpenTelemetry.Instrumentation.StackExchangeRedis";

    /// <summary>
    /// A singleton <see cref="IConnectionMultiplexer"/>, connected when it is first resolved; a server that is away then does not fail
    /// that (unless <c>abortConnect=true</c> is configured). A missing connection string does, on first resolve.
    /// </summary>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, connectionName, serviceKey: null, configureSettings, configureOptions);

    /// <summary>As <see cref="AddRedisClient"/>, registered under the key <paramref name="name"/>, which also names the connection string.</summary>
    public static void AddKeyedRedisClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, name, serviceKey: name, configureSettings, configureOptions);

    static void Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? serviceKey,
        Action<StackExchangeRedisSettings>? configureSettings,
        Action<ConfigurationOptions>? configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var configuration = builder.Configuration;
        var settings = new StackExchangeRedisSettings();
        configuration.GetSection(Section).Bind(settings);
        configuration.GetSection($"{Section}:{connectionName}").Bind(settings);
        if (configuration.GetConnectionString(connectionName) is { Length: > 0 } connectionString)
            settings.ConnectionString = connectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddKeyedSingleton<IConnectionMultiplexer>(serviceKey, (services, _) =>
            ConnectionMultiplexer.Connect(Options(services, configuration, connectionName, settings, configureOptions)));

        if (!settings.DisableTracing)
            builder.Services.ConfigureOpenTelemetryTracerProvider(static tracing => tracing.AddSource(ActivitySourceName));
        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                serviceKey is null ? "StackExchange.Redis" : $"StackExchange.Redis_{connectionName}",
                services => new RedisHealthCheck(() => services.GetRequiredKeyedService<IConnectionMultiplexer>(serviceKey)),
                failureStatus: null,
                tags: null));
        }
        if (!settings.DisableAutoActivation)
        {
            builder.Services.AddHostedService(services =>
                new RedisActivation(() => services.GetRequiredKeyedService<IConnectionMultiplexer>(serviceKey)));
        }
    }

    static ConfigurationOptions Options(
        IServiceProvider services,
        IConfiguration configuration,
        string connectionName,
        StackExchangeRedisSettings settings,
        Action<ConfigurationOptions>? configureOptions)
    {
        var options = ConfigurationOptions.Parse(settings.ConnectionString ?? "");
        // A service must start while Redis is away: false unless somebody says otherwise.
        if (settings.ConnectionString?.Contains("abortConnect", StringComparison.OrdinalIgnoreCase) != true)
            options.AbortOnConnectFail = false;
        options.LoggerFactory ??= services.GetService<ILoggerFactory>();
        configuration.GetSection($"{Section}:ConfigurationOptions").Bind(options);
        configuration.GetSection($"{Section}:{connectionName}:ConfigurationOptions").Bind(options);
        configureOptions?.Invoke(options);
        return options.EndPoints.Count > 0 ? options : throw new InvalidOperationException(
            $"No endpoints specified. Ensure a valid connection string was provided in 'ConnectionStrings:{connectionName}' or for the '{Section}:ConfigurationOptions' section.");
    }
}
