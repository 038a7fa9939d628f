using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Realtime.Bench.Load;

namespace Realtime.Bench.Servers;

/// <summary>
/// Janus (Debian's package) with its VideoRoom, over its WebSocket API: one handle per client, subscribers with one multistream connection.
/// There the server offers to subscribers.
/// </summary>
sealed class JanusServer(LoadThread load, string folder, Action<string> say) : ISfu
{
    readonly int port = ServerProcess.FreePort();
    readonly Dictionary<int, List<long>> feeds = [];
    ServerProcess? process;
    JanusSession? session;

    /// <summary>Where it is reached: it never listens on the loopback interface, nor can it send to it. Traffic to one's own address stays inside anyway.</summary>
    public static IPAddress Address { get; } = FindAddress();

    public string Name => "janus";

    public ServerProcess Process => process ?? throw new InvalidOperationException("Janus is not started.");

    public async Task StartAsync(CancellationToken stop)
    {
        var configuration = JanusConfiguration.Write(Directory.CreateDirectory(Path.Combine(folder, "janus")).FullName, port);
        say($"Janus runs with:\n{configuration.Trim()}");
        process = ServerProcess.Start("janus", ["-F", Path.Combine(folder, "janus"), "--log-stdout", "--disable-colors"], Path.Combine(folder, "janus.log"));
        await process.WaitUntilAsync(async () => (session = await JanusSession.TryConnectAsync(port, stop)) is not null, stop);
    }

    public async Task OpenRoomAsync(int room, SourceKind kind)
    {
        var handle = await session!.AttachAsync();
        await session.AskAsync(handle, new JsonObject
        {
            ["request"] = "create",
            ["room"] = Number(room),
            ["publishers"] = 1000,
            ["bitrate"] = 20_000_000,
            ["audiocodec"] = "opus",
            ["videocodec"] = "vp8",
        });
        await session.DetachAsync(handle);
    }

    public async Task PublishAsync(int room, LoadClient client)
    {
        var handle = await session!.AttachAsync();
        client.ServerId = Text(handle);
        var (_, answer) = await session.AskAsync(handle, new JsonObject
        {
            ["request"] = "joinandconfigure",
            ["ptype"] = "publisher",
            ["room"] = Number(room),
            ["id"] = Feed(client),
        }, "offer", client.Offer());
        await load.AcceptAsync(client, answer ?? throw new InvalidOperationException("Janus gave no answer."));
        await client.Connected.WaitAsync(TimeSpan.FromSeconds(20));
        Feeds(room).Add(Feed(client));
    }

    public Task WaitForTracksAsync(int room, int tracks) => Task.CompletedTask;

    public async Task SubscribeAsync(int room, LoadClient client, SourceKind kind, int tracks)
    {
        var handle = await session!.AttachAsync();
        client.ServerId = Text(handle);
        var streams = new JsonArray([.. Feeds(room).Select(feed => (JsonNode)new JsonObject { ["feed"] = feed })]);
        var (_, offer) = await session.AskAsync(handle, new JsonObject
        {
            ["request"] = "join",
            ["ptype"] = "subscriber",
            ["room"] = Number(room),
            ["streams"] = streams,
        });
        if (offer is null) throw new InvalidOperationException("Janus gave no offer.");
        await session.AskAsync(handle, new JsonObject { ["request"] = "start" }, "answer", client.Answer(offer));
        await load.AcceptAsync(client, offer);
    }

    public Task LeaveAsync(int room, LoadClient client) => session!.DetachAsync(long.Parse(client.ServerId, CultureInfo.InvariantCulture));

    public Task<long?> AllocatedBytesAsync() => Task.FromResult<long?>(null);

    public async ValueTask DisposeAsync()
    {
        if (session is not null) await session.DisposeAsync();
        if (process is not null) await process.DisposeAsync();
    }

    List<long> Feeds(int room) => feeds.TryGetValue(room, out var found) ? found : feeds[room] = [];

    static IPAddress FindAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(each => each.OperationalStatus == OperationalStatus.Up && each.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(each => each.GetIPProperties().UnicastAddresses)
        .Select(each => each.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork)
        ?? throw new InvalidOperationException("Janus needs a network interface that is up, besides loopback.");

    static long Number(int room) => 1000 + room;

    static long Feed(LoadClient client) => client.Index;

    static string Text(long handle) => handle.ToString(CultureInfo.InvariantCulture);
}
