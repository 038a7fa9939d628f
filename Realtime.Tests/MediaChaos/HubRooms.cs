using System.Collections.Concurrent;
using System.Net;
using Realtime.Bench.Load;
using Realtime.Bench.Servers;
using Realtime.Contracts;
using Realtime.Tests.Harness;

namespace Realtime.Tests.MediaChaos;

/// <summary>A room of the running app, entered as people do: through the hub, the offer with the join, and the connection kept.</summary>
sealed class HubRooms(RunningApp app, LoadThread load, string prefix) : IRoomServer, IAsyncDisposable
{
    readonly ConcurrentBag<HubClient> _hubs = [];
    volatile string _answer = "";

    public string Name => "realtime";

    /// <summary>What the server answered to the last who came in.</summary>
    public string Answer => _answer;

    public string RoomName(int room) => $"{prefix}-{room}";

    public string UserOf(LoadClient client) => $"{prefix}-user-{client.Index}";

    public Task OpenRoomAsync(int room, SourceKind kind) => Task.CompletedTask;

    public Task PublishAsync(int room, LoadClient client) => EnterAsync(room, client, client.Offer());

    public Task SubscribeAsync(int room, LoadClient client, SourceKind kind, int tracks) => EnterAsync(room, client, client.Offer(kind, tracks));

    /// <summary>A track is there with the offer.</summary>
    public Task WaitForTracksAsync(int room, int tracks) => Task.CompletedTask;

    public Task LeaveAsync(int room, LoadClient client) => load.RemoveAsync(client);

    public async ValueTask DisposeAsync()
    {
        foreach (var hub in _hubs)
            await hub.DisposeAsync();
    }

    async Task EnterAsync(int room, LoadClient client, string offer)
    {
        var user = UserOf(client);
        // Each from an address of its own: sessions are limited by address.
        var source = new IPAddress([127, 65, (byte)(client.Index >> 8), (byte)client.Index]);
        var hub = await HubClient.ConnectAsync(new HubClientOptions(app.SignalingFront, await app.TokenAsync(user)) { SourceAddress = source });
        _hubs.Add(hub);
        await hub.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        var joined = await hub.InvokeAsync<JoinRoomResult>("JoinRoom", new JoinRoomRequest(RoomName(room), Sdp: offer));
        _answer = joined.Sdp ?? throw new InvalidOperationException("The join's offer was not answered.");
        await load.AcceptAsync(client, _answer);
    }
}
