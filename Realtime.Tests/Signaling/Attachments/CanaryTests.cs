using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Attachments;

/// <summary>
/// A word that nobody else says goes in through every door, as text and as secret, well-formed and not, also where faults are injected; afterwards it stands in no log, no span, no action and
/// no crash report.
/// </summary>
[Collection("FaultPoint")] // the point is one per process
public sealed class CanaryTests
{
    const string Canary = "canary7f3a91c2";
    const string User = "birdkeeper";

    sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Written { get; } = [];
        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IReadOnlyList<KeyValuePair<string, object?>> list ? string.Join(' ', list.Select(static pair => $"{pair.Key}={pair.Value}")) : "";
            Written.Enqueue($"{formatter(state, exception)} {values} {exception}");
        }

        public void Dispose() { }
    }

    [Fact]
    public async Task The_canary_is_seen_nowhere()
    {
        var lines = new Lines();
        var spans = new ConcurrentQueue<string>();
        var server = new DeliveriesServer { Logs = lines };
        await server.InitializeAsync();
        await using (server)
        {
            using var spanListener = SpanReader.Listen(spans);
            var reports = new List<string>();
            await KnockEverywhereAsync(server);
            // Once more while every call of the hub fails: what crashes say about it. The injector is the process's, and other tests run beside this one: our user's calls alone.
            Assert.Null(server.Service<FaultInjector>(0).Add(new FaultRule("hub", FaultKind.Throw, User: User)));
            await KnockEverywhereAsync(server);
            server.Service<FaultInjector>(0).Clear();
            var directory = server.Service<CrashReporter>(0).Directory!;
            await Eventually.TrueAsync(() => Directory.GetFiles(directory, "crash-*.json").Length > 0);
            reports.AddRange(Directory.GetFiles(directory, "crash-*.json").Select(File.ReadAllText));
            Assert.NotEmpty(reports);
            Assert.NotEmpty(lines.Written);
            Assert.NotEmpty(spans);
            Assert.DoesNotContain(reports, static text => text.Contains(Canary, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(lines.Written, static text => text.Contains(Canary, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(spans, static text => text.Contains(Canary, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(ActionLog.Snapshot(ActionLog.Capacity), static entry => $"{entry.Action} {entry.Detail}".Contains(Canary, StringComparison.OrdinalIgnoreCase));
        }
    }

    static async Task KnockEverywhereAsync(DeliveriesServer server)
    {
        var text = JsonSerializer.SerializeToElement($"{Canary} text");
        await using (var hub = await server.ConnectAsync(User, grants: new Grants(Channels: ["*"], Rooms: ["*"], Publish: true, Subscribe: true, Moderate: true)))
        {
            (string Method, object Argument)[] calls =
            [
                ("Hello", new HelloRequest(Resume: Canary, ClientInfo: text)),
                ("Hello", new HelloRequest(ClientInfo: text)),
                ("JoinChannel", new JoinChannelRequest("c")),
                ("SendMessage", new SendMessageRequest("c", $"{Canary}-id", $"my {Canary} secret")),
                ("SendMessage", new SendMessageRequest("c", "m2", Canary, Embeds: [JsonSerializer.SerializeToElement(new { title = Canary, url = $"javascript:{Canary}" })])),
                ("SendMessage", new SendMessageRequest("c", "m3", Canary, Attachments: [JsonSerializer.SerializeToElement(new { id = Canary })])),
                ("EditMessage", new EditMessageRequest("c", Canary, Canary)),
                ("DeleteMessage", new DeleteMessageRequest("c", Canary, Canary)),
                ("SetPresence", new SetPresenceRequest("online", text)),
                ("Kick", new KickRequest("c", "nobody", Canary)),
                ("JoinRoom", new JoinRoomRequest("r", text, $"v=0 {Canary}")),
                ("Negotiate", new NegotiateRequest("r", 1, $"v=0 {Canary}")),
                ("RefreshToken", new RefreshTokenRequest($"a.{Canary}.b")),
                ("ReportTransport", new ReportTransportRequest("r", [new IceErrorReport($"turn:{Canary}", 701, Canary)], text)),
                ($"No{Canary}", new { text = Canary }),
                ("SendMessage", new { channel = 7, text = new[] { Canary } }),
            ];
            foreach (var (method, argument) in calls)
                await Record.ExceptionAsync(() => hub.InvokeAsync<JsonElement>(method, argument).WaitAsync(TimeSpan.FromSeconds(10)));
        }
        var token = server.AdminToken;
        async Task Http(HttpMethod method, string path, string? bearer, string? body = null, string type = "application/json")
        {
            using var response = await server.SendAsync(method, path, bearer, body is null ? null : new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type)));
            await response.Content.ReadAsStringAsync();
        }
        await Http(HttpMethod.Get, $"/hub?access_token={Canary}", null);
        await Http(HttpMethod.Get, "/api/me", Canary);
        await Http(HttpMethod.Get, $"/api/me?token={Canary}", $"x.{Canary}.y");
        await Http(HttpMethod.Post, "/api/tokens", null, $$"""{"user":"{{Canary}} not a user"}""");
        using (await server.SendAsync(HttpMethod.Post, "/api/tokens", null, new StringContent("{}", Encoding.UTF8, "application/json"),
            headers: ("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"dev:{Canary}")))))
        {
        }
        await Http(HttpMethod.Post, "/api/webhooks", token, $$"""{"url":"https://169.254.169.254/{{Canary}}","description":"{{Canary}}"}""");
        await Http(HttpMethod.Post, "/api/webhooks", token, $$"""{"url":"http://127.0.0.1:9/{{Canary}}?key={{Canary}}","description":"{{Canary}}"}""");
        await Http(HttpMethod.Post, "/api/webhooks", token, $$"""{"url": {{Canary}} }""");
        await Http(HttpMethod.Post, $"/api/attachments?channel=c&name={Canary}.txt", token, Canary, "text/plain");
        await Http(HttpMethod.Post, $"/api/attachments?channel=c&name={Canary}.txt", token, Canary, "multipart/form-data; boundary=x");
        await Http(HttpMethod.Post, "/whip/r", token, $"v=0 {Canary}", "application/sdp");
        await Http(HttpMethod.Post, "/admin/socket/recovery", token, $$"""{"circuit":"{{Canary}}"}""");
        await Http(HttpMethod.Post, "/admin/debug", token, $$"""{"component": "x", "on": "{{Canary}}"}""");
        await Http(HttpMethod.Get, $"/api/channels/c/messages?before={Canary}", token);
    }

    /// <summary>Everything a span carries when it ends, after our own scrubbing of queries (which the exporters' pipeline does) has been asked for.</summary>
    static class SpanReader
    {
        public static ActivityListener Listen(ConcurrentQueue<string> spans)
        {
            var listener = new ActivityListener
            {
                // ASP.NET Core's and HttpClient's own spans carry URLs; what leaves the process of them is TelemetryTests' business.
                ShouldListenTo = static source => source.Name.StartsWith("Realtime.", StringComparison.Ordinal) || source.Name == "Npgsql" || source.Name.StartsWith("Microsoft.AspNetCore.SignalR", StringComparison.Ordinal),
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span => spans.Enqueue(
                    $"{span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects.Select(static tag => $"{tag.Key}={tag.Value}"))} "
                    + string.Join(' ', span.Events.SelectMany(static one => one.Tags.Select(static tag => $"{tag.Key}={tag.Value}")))),
            };
            ActivitySource.AddActivityListener(listener);
            return listener;
        }
    }
}
