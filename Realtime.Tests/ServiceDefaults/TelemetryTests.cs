using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Realtime.ServiceDefaults;
using Realtime.ServiceDefaults.Telemetry;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.ServiceDefaults;

/// <summary>What leaves the process about a request: a span with its path and never its query, and nothing about probes.</summary>
public sealed class TelemetryTests : IDisposable
{
    sealed class Spans : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> Ended { get; } = [];

        public override void OnEnd(Activity data) => Ended.Enqueue(data);
    }

    sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Written { get; } = [];
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Written.Enqueue(formatter(state, exception));
        public void Dispose() { }
    }

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Queries_and_probes_leave_no_trace()
    {
        var (spans, lines) = (new Spans(), new Lines());
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = _folder.Path });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["CrashReports:Directory"] = _folder.Path;
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(lines);
        builder.AddServiceDefaults();
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(spans));
        await using var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGet("/page", static () => RealtimeTelemetry.Web.Activities.StartActivity("inside")?.Dispose());
        await app.StartAsync();

        // Listeners hear every host of the process, and other tests have theirs: the trace tells ours apart.
        using var trace = new Activity("test") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.SetIdFormat(ActivityIdFormat.W3C).Start();
        var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        foreach (var path in new[] { "/health", "/alive?access_token=secret", "/ready", "/page?access_token=secret" })
            (await client.GetAsync(app.Urls.Single() + path)).Dispose();
        await app.StopAsync();

        var ended = spans.Ended.Where(span => span.TraceId == trace.TraceId).ToList();
        var server = Assert.Single(ended, static span => span is { Source.Name: "Microsoft.AspNetCore", Recorded: true });
        Assert.Contains("/page", string.Join(' ', server.TagObjects.Select(static tag => tag.Value)));
        Assert.Contains(ended, static span => span.OperationName == "inside");
        Assert.Contains(ended, static span => span.Source.Name == "System.Net.Http");
        Assert.DoesNotContain(ended.SelectMany(static span => span.TagObjects), static tag => tag.Value?.ToString()?.Contains('?') == true || tag.Value?.ToString()?.Contains("secret") == true);
        Assert.NotEmpty(lines.Written);
        Assert.DoesNotContain(lines.Written, static line => line.Contains("secret", StringComparison.Ordinal));
    }
}
