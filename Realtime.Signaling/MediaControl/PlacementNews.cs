using Realtime.Signaling.Data;

namespace Realtime.Signaling.MediaControl;

/// <summary>A room was moved by another replica: this one's people follow, also when no node has told of it.</summary>
public sealed class PlacementNews(RoomMover mover) : IOutboxConsumer
{
    public bool Takes(string kind) => kind == OutboxKind.Placement;

    public Task BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    public void Take(OutboxEntry entry) => mover.Seen(entry.Key, entry.Epoch);
}
