using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Realtime.ServiceDefaults.Telemetry;
using Realtime.Tests.CrashSafety;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.ServiceDefaults;

public class GuardedLoggingTests
{
    sealed class Sink(Action<string> write) : ILoggerProvider, ILogger, ISupportExternalScope
    {
        IExternalScopeProvider? _scopes;
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => _scopes?.Push(state);
        public bool IsEnabled(LogLevel logLevel) => true;
        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;
        public void Dispose() { }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            _scopes?.ForEachScope((scope, _) => text = $"{scope} > {text}", 0);
            if (Activity.Current is { } activity)
                text += $" in {activity.OperationName}";
            write(exception is null ? text : $"{text} ! {exception}");
        }
    }

    sealed class Poisoned
    {
        public override string ToString() => throw new InvalidOperationException("in the formatter");
    }

    static readonly Action<ILogger, object, Exception?> Said = LoggerMessage.Define<object>(LogLevel.Information, new EventId(1), "said {What}");

    static ServiceProvider Build(params Action<string>[] sinks)
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(new ManualTime());
        services.AddLogging(logging => Array.ForEach(sinks, sink => logging.AddProvider(new Sink(sink))));
        GuardedLogging.Add(services);
        return services.BuildServiceProvider();
    }

    [Fact]
    public void A_sink_or_formatter_that_throws_costs_its_entry_alone()
    {
        var written = new List<string>();
        using var provider = Build(static _ => throw new IOException("disk full"), written.Add);
        var log = provider.GetRequiredService<ILogger<GuardedLoggingTests>>();
        Said(log, "one", null);
        Said(log, new Poisoned(), null);
        Said(log, "two", null);
        Assert.Equal(["said one", "said two"], written);
        Assert.Equal(3, provider.GetRequiredService<GuardedLoggerFactory>().Dropped);
    }

    [Fact]
    public async Task Entries_that_are_pumped_keep_their_scopes_their_trace_and_the_values_they_had()
    {
        var written = new ConcurrentQueue<string>();
        using var provider = Build(written.Enqueue, static _ => throw new IOException("disk full"));
        var factory = provider.GetRequiredService<GuardedLoggerFactory>();
        using var stop = new CancellationTokenSource();
        var pump = factory.PumpAsync(stop.Token);
        var log = provider.GetRequiredService<ILogger<GuardedLoggingTests>>();
        var changing = new List<int> { 1 };
        using (var activity = new Activity("request").Start())
        using (log.BeginScope("scope"))
            Said(log, changing, null);
        changing.Add(2);
        Said(log, new Poisoned(), null);
        Said(log, "after", null);
        await Eventually.TrueAsync(() => written.Count == 2);
        Assert.Equal(["scope > said 1 in request", "said after"], written.Select(static line => line.Replace("System.Collections.Generic.List`1[System.Int32]", "1", StringComparison.Ordinal)));
        await Eventually.TrueAsync(() => factory.Dropped == 3);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
        Said(log, "on the spot again", null);
        Assert.Equal("said on the spot again", written.Last());
    }

    [Fact]
    public async Task A_sink_that_blocks_holds_up_nobody_and_the_oldest_entries_go()
    {
        using var open = new ManualResetEventSlim();
        var written = new ConcurrentQueue<string>();
        using var provider = Build(line =>
        {
            open.Wait(ManualTime.Patience);
            written.Enqueue(line);
        });
        var factory = provider.GetRequiredService<GuardedLoggerFactory>();
        using var stop = new CancellationTokenSource();
        var pump = factory.PumpAsync(stop.Token);
        var log = provider.GetRequiredService<ILogger<GuardedLoggingTests>>();
        // Once the first is stuck in the sink, the rest waits behind it.
        await Eventually.TrueAsync(() =>
        {
            Said(log, "stuck", null);
            return factory.Waiting > 1;
        });
        for (var i = 0; i < GuardedLoggerFactory.QueueLength + 500; i++)
            Said(log, i, null);
        Assert.InRange(factory.Dropped, 500, 1500);
        Assert.Empty(written);
        open.Set();
        await Eventually.TrueAsync(() => factory.Waiting == 0 && written.Count > GuardedLoggerFactory.QueueLength);
        Assert.Equal($"said {GuardedLoggerFactory.QueueLength + 499}", written.Last());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
    }

    [Fact]
    public void What_exceptions_quote_is_not_logged()
    {
        var written = new List<string>();
        using var provider = Build(written.Add);
        var inner = new FormatException("The input 'my secret diary' was bad, as was \"dear diary\".");
        Said(provider.GetRequiredService<ILogger<GuardedLoggingTests>>(), "it", new InvalidOperationException("Token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl1 refused; can't go on", inner));
        var line = Assert.Single(written);
        Assert.Contains("System.InvalidOperationException: Token … refused; can't go on", line);
        Assert.Contains("System.FormatException: The input '…' was bad, as was \"…\".", line);
        Assert.DoesNotContain("diary", line);
    }

    [Theory]
    [InlineData("Bearer abc is bad", "… is bad")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw!", "…")]
    [InlineData("Index was outside the bounds of the array.", "Index was outside the bounds of the array.")]
    [InlineData("An unterminated 'quote goes on", "An unterminated '…")]
    [InlineData("23505: duplicate key value violates unique constraint \"messages_pkey\"", "23505: duplicate key value violates unique constraint \"…\"")]
    public void Messages_are_redacted(string message, string expected) => Assert.Equal(expected, Redaction.Of(message));
}
