using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.ServiceDefaults.Telemetry;

/// <summary>
/// Guards the log pipeline. An entry is formatted where it is logged and written by <see cref="LogPump"/>, so that a sink that blocks (a terminal nobody reads, a full disk) holds up no
/// caller: the queue takes <see cref="QueueLength"/> entries, the oldest goes first. A sink or formatter that throws costs that entry in that sink and nothing more. What is lost is counted,
/// and said on stderr once a second at most. Without a running pump (before the host starts and after it stops) entries are written on the spot.
/// </summary>
sealed class GuardedLoggerFactory : ILoggerFactory
{
    public const int QueueLength = 10_000;

    readonly ILoggerFactory _inner;
    readonly TimeProvider _time;
    readonly Channel<LogEntry> _queue;
    readonly Lock _gate = new();
    volatile bool _pumped;
    long _lastSaid;
    bool _everSaid;
    long _dropped;
    long _said;

    public GuardedLoggerFactory(ILoggerFactory inner, TimeProvider time)
    {
        (_inner, _time) = (inner, time);
        _queue = Channel.CreateBounded<LogEntry>(
            new BoundedChannelOptions(QueueLength) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => Count(null));
    }

    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Entries in the queue.</summary>
    internal int Waiting => _queue.Reader.Count;

    public ILogger CreateLogger(string categoryName) => new GuardedLogger(_inner.CreateLogger(categoryName), this);

    public void AddProvider(ILoggerProvider provider) => _inner.AddProvider(provider);

    public void Dispose()
    {
        Drain();
        _inner.Dispose();
    }

    /// <summary>Writes entries until cancelled; what is left then is written too.</summary>
    public async Task PumpAsync(CancellationToken stopping)
    {
        _pumped = true;
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stopping))
                Drain();
        }
        finally
        {
            _pumped = false;
            Drain();
        }
    }

    /// <summary>Says what was lost since it was last said, if anything was.</summary>
    public void Say()
    {
        var dropped = Dropped;
        if (Interlocked.Exchange(ref _said, dropped) == dropped)
            return;
        try
        {
            Console.Error.WriteLine($"{dropped} log entries were lost so far: a sink or a formatter failed or blocked.");
        }
        catch (IOException)
        {
            // Nobody listens there either; the count is a metric.
            return;
        }
    }

    internal void Take(LogEntry entry)
    {
        if (!_pumped || !_queue.Writer.TryWrite(entry))
            Write(entry);
    }

    internal void Count(Exception? failure)
    {
        Interlocked.Increment(ref _dropped);
        CrashSafetyMetrics.LogEntryDropped(failure is null ? "full" : "failed");
        if (_pumped)
            return;
        lock (_gate)
        {
            if (_everSaid && _time.GetElapsedTime(_lastSaid) < TimeSpan.FromSeconds(1))
                return;
            _everSaid = true;
            _lastSaid = _time.GetTimestamp();
        }
        Say();
    }

    void Drain()
    {
        while (_queue.Reader.TryRead(out var entry))
            Write(entry);
    }

    void Write(LogEntry entry)
    {
        try
        {
            // The framework writes to every sink before it throws what some of them threw, so the others have the entry.
            entry.Write();
        }
        catch (Exception failure)
        {
            Count(failure);
        }
    }

    sealed class GuardedLogger(ILogger inner, GuardedLoggerFactory owner) : ILogger
    {
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            LogEntry entry;
            try
            {
                if (!inner.IsEnabled(logLevel))
                    return;
                entry = LogEntry.Of(inner, logLevel, eventId, state, exception, formatter);
            }
            catch (Exception failure)
            {
                owner.Count(failure);
                return;
            }
            owner.Take(entry);
        }

        public bool IsEnabled(LogLevel logLevel)
        {
            try
            {
                return inner.IsEnabled(logLevel);
            }
            catch (Exception failure)
            {
                owner.Count(failure);
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
                owner.Count(failure);
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
        services.TryAddSingleton(static provider =>
            new GuardedLoggerFactory(provider.GetRequiredService<LoggerFactory>(), provider.GetService<TimeProvider>() ?? TimeProvider.System));
        services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(static provider => provider.GetRequiredService<GuardedLoggerFactory>()));
        services.AddHostedService<LogPump>();
    }
}
