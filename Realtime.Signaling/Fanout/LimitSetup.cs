using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Realtime.ServiceDefaults.CrashSafety;
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
/// Checks the limits at start and takes over changed ones. Not by <see cref="IOptionsMonitor{TOptions}"/>: after one bad edit of a file its every reader would get an
/// exception.
/// </summary>
sealed partial class LimitReload(IConfiguration configuration, LimitOptions inForce, Limits limits, ILogger<LimitReload> log) : IHostedService, IDisposable
{
    IDisposable? _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registration = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _registration?.Dispose();

    void Reload()
    {
        LimitOptions changed;
        try
        {
            changed = LimitSetup.Read(configuration);
        }
        catch (OptionsValidationException exception)
        {
            LogRefused(exception.Message);
            return;
        }
        inForce.Take(changed);
        limits.Change(changed);
        ActionLog.Record("limits", "changed");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed limits are no good, the old ones stay in force: {Mistakes}")]
    partial void LogRefused(string mistakes);
}
