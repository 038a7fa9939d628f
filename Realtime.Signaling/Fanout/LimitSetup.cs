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
        services.AddOptions<LimitOptions>().BindConfiguration(LimitOptions.Section)
            .PostConfigure(static limits => limits.Complete(Environment.ProcessorCount)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LimitOptions>, Validator>();
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<LimitOptions>>().Value);
        services.AddSingleton<Limits>();
        services.AddSingleton<RedisLimits>();
        services.AddSingleton<LimitGate>();
        services.AddHostedService<LimitReload>();
        return builder;
    }

    sealed class Validator : IValidateOptions<LimitOptions>
    {
        public ValidateOptionsResult Validate(string? name, LimitOptions options) =>
            options.Mistakes() is { Count: > 0 } mistakes ? ValidateOptionsResult.Fail(mistakes) : ValidateOptionsResult.Success;
    }
}

/// <summary>
/// Takes over changed limits. Not by <see cref="IOptionsMonitor{TOptions}"/>: after one bad edit of a file its every reader would get an exception.
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
        var changed = new LimitOptions();
        try
        {
            configuration.GetSection(LimitOptions.Section).Bind(changed);
        }
        catch (InvalidOperationException exception)
        {
            // A value that is no number.
            LogRefused(exception.Message);
            return;
        }
        changed.Complete(Environment.ProcessorCount);
        if (changed.Mistakes() is { Count: > 0 } mistakes)
        {
            LogRefused(string.Join(' ', mistakes));
            return;
        }
        inForce.Take(changed);
        limits.Change(changed);
        ActionLog.Record("limits", "changed");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed limits are no good, the old ones stay in force: {Mistakes}")]
    partial void LogRefused(string mistakes);
}
