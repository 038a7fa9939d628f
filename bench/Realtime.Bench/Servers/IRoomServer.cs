using Realtime.Bench.Load;

namespace Realtime.Bench.Servers;

/// <summary>Where clients meet: rooms to publish into and to subscribe to. Each server speaks its own signalling.</summary>
interface IRoomServer
{
    /// <summary>As in <c>--compare</c> and the report.</summary>
    string Name { get; }

    /// <summary>Makes the room before anybody enters it, where the server wants that.</summary>
    Task OpenRoomAsync(int room, SourceKind kind);

    /// <summary>Offers what the client sends; it connects on its own afterwards.</summary>
    Task PublishAsync(int room, LoadClient client);

    /// <summary>Waits until so many tracks can be subscribed to.</summary>
    Task WaitForTracksAsync(int room, int tracks);

    /// <summary>Subscribes the client to all tracks of the room.</summary>
    Task SubscribeAsync(int room, LoadClient client, SourceKind kind, int tracks);

    Task LeaveAsync(int room, LoadClient client);
}
