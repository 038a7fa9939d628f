using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Realtime.ServiceDefaults.Telemetry;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.ServiceDefaults;

public class GuardedLoggingTests
{
    sealed class Sink(Action<string> write) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => write(formatter(state, exception));
        public void Dispose() { }
    }

    sealed class Poisoned
    {
        public override string ToString() => throw new InvalidOperationException("in the formatter");
    }

    [Fact]
    public void A_sink_or_formatter_that_throws_costs_its_entry_alone()
    {
        var written = new List<string>();
        var services = new ServiceCollection().AddSingleton<TimeProvider>(new ManualTime());
        services.AddLogging(logging => logging
            .AddProvider(new Sink(static _ => throw new IOException("disk full")))
            .AddProvider(new Sink(written.Add)));
        GuardedLogging.Add(services);
        using var provider = services.BuildServiceProvider();
        var log = provider.GetRequiredService<ILogger<GuardedLoggingTests>>();
        var write = LoggerMessage.Define<object>(LogLevel.Information, new EventId(1), "said {What}");
        write(log, "one", null);
        write(log, new Poisoned(), null);
        write(log, "two", null);
        Assert.Equal(["said one", "said two"], written);
        Assert.Equal(3, ((GuardedLoggerFactory)provider.GetRequiredService<ILoggerFactory>()).Dropped);
    }
}
