using System.Net;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Faults;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Hubs;

namespace Realtime.Tests.Chaos.Misbehaving;

/// <summary>How one misbehaves against a running app, and with which code it must end. Each is a user of its own.</summary>
sealed class Ways(RunningApp app, Uri server, string name)
{
    const char Separator = '\u001e';

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <param name="Code">Null: refused each time, and not a reason to be closed.</param>
    public sealed record Way(string Name, CloseCode? Code, Func<Task<CloseCode?>> RunAsync);

    public IReadOnlyList<Way> All =>
    [
        new("throwing handler", CloseCode.Quarantined, ThrowingAsync),
        new("malformed frames", CloseCode.BadProtocol, () => SendsAsync("malformed", "this is no JSON" + Separator)),
        new("giant frame", CloseCode.BadProtocol, () => SendsAsync("giant", "{\"x\":\"" + new string('x', 400 * 1024))),
        new("flood", CloseCode.Quarantined, () => SendsAsync("flood", string.Concat(Enumerable.Repeat("{\"type\":6}" + Separator, 8000)))),
        new("slow reading", CloseCode.Slow, SlowAsync),
        new("half-open", CloseCode.NoPong, async () => await ClosedAsync(await EnterAsync("silent"))),
        new("forged ids", null, ForgedAsync),
        new("expired token", CloseCode.Expired, ExpiredAsync),
        new("unknown methods", CloseCode.BadProtocol, UnknownAsync),
        new("reconnect storm", null, StormAsync),
    ];

    async Task<RawHub> EnterAsync(string who, string? token = null)
    {
        var hub = await RawHub.ConnectAsync(server, token ?? await app.TokenAsync($"{name}-{who}"), ChaosPopulation.NextAddress());
        await hub.HelloAsync();
        return hub;
    }

    static async Task<CloseCode?> ClosedAsync(RawHub hub)
    {
        await using (hub)
            return (CloseCode?)(await hub.ClosingAsync())?.Code;
    }

    async Task<CloseCode?> SendsAsync(string who, string text)
    {
        var hub = await EnterAsync(who);
        await hub.TrySendAsync(text);
        return await ClosedAsync(hub);
    }

    async Task<CloseCode?> ThrowingAsync()
    {
        await app.InjectAsync(server, new FaultRule("hub", FaultKind.Throw, Action: "History", User: $"{name}-throws", Count: 20));
        var hub = await EnterAsync("throws");
        for (var i = 1; i <= 10; i++)
            await hub.TrySendAsync($"{{\"type\":1,\"invocationId\":\"{i}\",\"target\":\"History\",\"arguments\":[{{\"channel\":\"{name}\"}}]}}{Separator}");
        return await ClosedAsync(hub);
    }

    async Task<CloseCode?> UnknownAsync()
    {
        var hub = await EnterAsync("unknown");
        for (var i = 0; i < 40; i++)
            await hub.TrySendAsync($"{{\"type\":1,\"target\":\"Nothing\",\"arguments\":[]}}{Separator}");
        return await ClosedAsync(hub);
    }

    /// <summary>Asks for much and reads nothing. What it is told last waits behind all that: that it was let go is what counts.</summary>
    async Task<CloseCode?> SlowAsync()
    {
        await using var hub = await EnterAsync("slow");
        var channel = $"{name}-slow";
        for (var i = 0; i < 25; i++)
            await hub.CallAsync("SendMessage", $"{{\"channel\":\"{channel}\",\"clientMessageId\":\"{i}\",\"text\":\"{new string('x', 2000)}\"}}", $"s{i}");
        using var patience = new CancellationTokenSource(s_patience);
        while (await hub.TrySendAsync($"{{\"type\":1,\"invocationId\":\"h\",\"target\":\"History\",\"arguments\":[{{\"channel\":\"{channel}\",\"limit\":100}}]}}{Separator}"))
            await Task.Delay(50, patience.Token);
        return CloseCode.Slow;
    }

    async Task<CloseCode?> ExpiredAsync() => await ClosedAsync(await EnterAsync("expired", await app.TokenAsync($"{name}-expired", ttl: "00:00:02")));

    async Task<CloseCode?> ForgedAsync()
    {
        var token = await app.TokenAsync($"{name}-forged", new Grants(Channels: ["mine"]));
        await using var client = await HubClient.ConnectAsync(new HubClientOptions(server, token) { SourceAddress = ChaosPopulation.NextAddress() });
        await client.InvokeAsync<HelloResult>("Hello", new HelloRequest("r1.0190.9999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        foreach (var (method, argument) in new (string, object)[]
        {
            ("History", new HistoryRequest(name)), ("EditMessage", new EditMessageRequest(name, Guid.NewGuid().ToString(), "x")), ("JoinRoom", new JoinRoomRequest(name)),
            ("LeaveChannel", new LeaveChannelRequest(name)), ("JoinChannel", new JoinChannelRequest("../" + name)),
        })
        {
            try
            {
                await client.InvokeAsync<System.Text.Json.JsonElement>(method, argument);
                throw new InvalidOperationException($"{method} was not refused.");
            }
            catch (HubCallException refused) when (refused.Error.Code is ErrorCode.Forbidden or ErrorCode.NotFound or ErrorCode.Invalid)
            {
                continue;
            }
        }
        return client.Closed.IsCompleted ? throw new InvalidOperationException("Closed for what it was refused.") : null;
    }

    async Task<CloseCode?> StormAsync()
    {
        var token = await app.TokenAsync($"{name}-storm");
        var refused = 0;
        for (var i = 0; i < 140; i++)
        {
            if (await RawHub.TryConnectAsync(server, token) == HttpStatusCode.TooManyRequests)
                refused++;
        }
        return refused > 0 ? null : throw new InvalidOperationException("140 connections in a row were let in.");
    }
}
