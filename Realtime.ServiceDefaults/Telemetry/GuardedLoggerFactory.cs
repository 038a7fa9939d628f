using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.ServiceDefaults.Telemetry;

/// <summary>
/// Guards the log pipeline: a sink or formatter that throws costs that entry in that sink and nothing more; it is counted, and said on stderr once a second
/// at most. The framework writes to every sink before it throws what some of them threw, so the others still have the entry.
/// </summary>
sealed class GuardedLoggerFactory(ILoggerFactory inner, TimeProvider time) : ILoggerFactory
{
    readonly Lock _gate = new();
    long _lastSaid;
    bool _everSaid;
    long _dropped;

    public long Dropped => Volatile.Read(ref _dropped);

    public ILogger CreateLogger(string categoryName) => new GuardedLogger(inner.CreateLogger(categoryName), this);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();

    void Failed(Exception exception)
    {
        var dropped = Interlocked.Increment(ref _dropped);
        CrashSafetyMetrics.LogEntriesDropped.Add(1);
        lock (_gate)
        {
            if (_everSaid && time.GetElapsedTime(_lastSaid) < TimeSpan.FromSeconds(1))
                return;
            _everSaid = true;
            _lastSaid = time.GetTimestamp();
        }
        Console.Error.WriteLine($"A log sink failed ({(exception.InnerException ?? exception).GetType().Name}); {dropped} entries lost so far.");
    }

    sealed class GuardedLogger(ILogger inner, GuardedLoggerFactory owner) : ILogger
    {
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            try
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
            catch (Exception failure)
            {
                owner.Failed(failure);
            }
        }

        public bool IsEnabled(LogLevel logLevel)
        {
            try
            {
                return inner.IsEnabled(logLevel);
            }
            catch (Exception failure)
            {
                owner.Failed(failure);
                return false;
            }
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            try
            {
                return inner.BeginScope(state);
            }
            catch (Exception failure)
            {
                owner.Failed(failure);
                return null;
            }
        }
    }
}

static class GuardedLogging
{
    /// <summary>Puts the guard around the factory every logger comes from.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddLogging();
        services.TryAddSingleton<LoggerFactory>();
        services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(static provider =>
            new GuardedLoggerFactory(provider.GetRequiredService<LoggerFactory>(), provider.GetService<TimeProvider>() ?? TimeProvider.System)));
    }
}
