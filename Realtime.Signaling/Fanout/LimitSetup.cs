using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Realtime.Signaling.Data;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Fanout;

/// <summary>Wires the limits and lets them follow the configuration.</summary>
public static class LimitSetup
{
    public static IHostApplicationBuilder AddLimits(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(static provider => Read(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<Limits>();
        services.AddSingleton<RedisLimits>();
        services.AddSingleton<LimitGate>();
        services.AddSingleton<SettingStore>();
        services.AddSingleton<LimitSettings>();
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<LimitSettings>());
        services.AddHostedService<LimitReload>();
        return builder;
    }

    /// <exception cref="OptionsValidationException">What is configured is no good; it says which keys.</exception>
    internal static LimitOptions Read(IConfiguration configuration)
    {
        var options = new LimitOptions();
        try
        {
            configuration.GetSection(LimitOptions.Section).Bind(options);
        }
        catch (InvalidOperationException exception)
        {
            // A value that is no number; the message names its key.
            throw new OptionsValidationException(LimitOptions.Section, typeof(LimitOptions), [exception.Message]);
        }
        options.Complete(Environment.ProcessorCount);
        return options.Mistakes() is { Count: > 0 } mistakes ? throw new OptionsValidationException(LimitOptions.Section, typeof(LimitOptions), mistakes) : options;
    }
}

/// <summary>
/// Takes over limits that changed in the configuration. Not by <see cref="IOptionsMonitor{TOptions}"/>: after one bad edit of a file its every reader would get an exception.
/// </summary>
sealed class LimitReload(IConfiguration configuration, LimitSettings settings) : IHostedService, IDisposable
{
    IDisposable? _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = ChangeToken.OnChange(configuration.GetReloadToken, settings.Apply);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _registration?.Dispose();
}
