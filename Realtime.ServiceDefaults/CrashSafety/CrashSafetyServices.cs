using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Realtime.ServiceDefaults.Health;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>Registers the crash-safety kit; part of <c>AddServiceDefaults</c>.</summary>
public static class CrashSafetyServices
{
    public static IServiceCollection AddCrashSafety(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<CrashReportOptions>().Configure<IHostEnvironment, IConfiguration>(ConfigureReports)
            .Validate(static options => options.MaxFiles > 0, "CrashReports:MaxFiles must be positive.")
            .Validate(static options => options.MaxPerMinute > 0, "CrashReports:MaxPerMinute must be positive.")
            .Validate(static options => options.Actions is > 0 and <= ActionLog.Capacity, $"CrashReports:Actions must be between 1 and {ActionLog.Capacity}.")
            .ValidateOnStart();
        services.TryAddSingleton<CrashReporter>();
        services.TryAddSingleton<Guarded>();
        services.TryAddSingleton<Readiness>();
        services.TryAddSingleton<LoopWatchdog>();
        services.TryAddSingleton<CircuitRegistry>();
        services.TryAddSingleton<Supervisor>();
        services.AddOptions<SystemMonitorOptions>().BindConfiguration(SystemMonitorOptions.Section)
            .Validate(static options => options.Interval > TimeSpan.Zero && options.Interval <= SystemMonitorOptions.LongestInterval, $"SystemMonitor:Interval must be positive and at most {SystemMonitorOptions.LongestInterval}.")
            .ValidateOnStart();
        services.TryAddSingleton<SystemMonitor>();
        // Started first and stopped last: what goes wrong while the others start and stop is still reported.
        services.AddHostedService<UnhandledExceptions>();
        services.AddHostedService<BlackBox>();
        services.AddHostedService<CrashReportWriter>();
        services.AddHostedService(static provider => provider.GetRequiredService<SystemMonitor>());
        services.AddHostedService<CrashSinkFeeder>();
        return services;
    }

    static void ConfigureReports(CrashReportOptions options, IHostEnvironment environment, IConfiguration configuration)
    {
        options.Service = environment.ApplicationName;
        options.Node = configuration["Realtime:Replica"] ?? configuration["Media:Node"] ?? options.Node;
        options.Directory = DefaultDirectory(environment);
        configuration.GetSection(CrashReportOptions.Section).Bind(options);
    }

    /// <summary>Under the content root when that can be written to (containers often forbid it), otherwise in the temporary folder.</summary>
    static string DefaultDirectory(IHostEnvironment environment)
    {
        var preferred = Path.Combine(environment.ContentRootPath, ".realtime", "crashes", environment.ApplicationName);
        try
        {
            Directory.CreateDirectory(preferred);
            return preferred;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Path.Combine(Path.GetTempPath(), "realtime", "crashes", environment.ApplicationName);
        }
    }
}
