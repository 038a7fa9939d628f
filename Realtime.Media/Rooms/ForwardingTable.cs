using Realtime.Media.Core;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>
/// Which packets go where: a row per publication, flat arrays, no look-up but the row number that the receive stream carries. A
/// subscriber whose part throws is put aside as a fault and does not cost the others the packet.
/// </summary>
public sealed class ForwardingTable(DropCounters drops)
{
    const int FirstCapacity = 8;

    struct Row
    {
        public Publication? Publication;
        public Subscription[] Subscriptions;
        public int Count;
    }

    Row[] rows = new Row[FirstCapacity];

    /// <summary>Participants whose forwarding threw since the last look.</summary>
    public Queue<(Participant Participant, Exception Exception)> Faults { get; } = new();

    public void Add(Publication publication)
    {
        var free = Array.FindIndex(rows, row => row.Publication is null);
        if (free < 0)
        {
            free = rows.Length;
            Array.Resize(ref rows, rows.Length * 2);
        }

        rows[free] = new Row { Publication = publication, Subscriptions = new Subscription[FirstCapacity] };
        publication.Stream.Route = free;
    }

    public void Remove(Publication publication)
    {
        rows[publication.Stream.Route] = default;
        publication.Stream.Route = ReceiveStream.NotRouted;
    }

    public void Add(Subscription subscription)
    {
        ref var row = ref rows[subscription.Publication.Stream.Route];
        if (row.Count == row.Subscriptions.Length) Array.Resize(ref row.Subscriptions, row.Count * 2);
        row.Subscriptions[row.Count++] = subscription;
    }

    public void Remove(Subscription subscription)
    {
        ref var row = ref rows[subscription.Publication.Stream.Route];
        var index = Array.IndexOf(row.Subscriptions, subscription, 0, row.Count);
        if (index < 0) return;
        row.Subscriptions[index] = row.Subscriptions[--row.Count];
        row.Subscriptions[row.Count] = null!;
    }

    public Publication PublicationAt(int route) => rows[route].Publication!;

    public ReadOnlySpan<Subscription> Of(Publication publication)
    {
        ref var row = ref rows[publication.Stream.Route];
        return row.Subscriptions.AsSpan(0, row.Count);
    }

    /// <summary>Why nobody gets the packet, if so.</summary>
    public DropReason Check(in MediaPacket packet)
    {
        var route = packet.Source!.Route;
        return route == ReceiveStream.NotRouted || rows[route].Publication!.Muted ? DropReason.NotPublishing : DropReason.None;
    }

    /// <summary>Copies of one source's packets to everyone they are for. False when the outbox must be sent before the next subscriber.</summary>
    /// <param name="frame">Their numbers in the burst, in order.</param>
    /// <param name="next">The subscription to go on with.</param>
    public bool TryForward(PacketBurst burst, ReadOnlySpan<int> frame, ref int next, Outbox outbox)
    {
        var route = burst.SourceOf(frame[0]).Route;
        // Its publisher left in the same turn.
        if (route == ReceiveStream.NotRouted) return true;
        ref var row = ref rows[route];
        for (; next < row.Count; next++)
        {
            if (!outbox.HasRoomFor(frame.Length)) return false;
            var subscription = row.Subscriptions[next];
            var peer = subscription.Subscriber.Peer;
            try
            {
                foreach (var index in frame)
                {
                    var packet = burst[index];
                    var drop = peer.Forward(packet, subscription.Stream, outbox);
                    if (drop != DropReason.None) drops.Count(drop);
                }
            }
            catch (Exception exception)
            {
                // The wall between subscribers: handed to the room's owner, who reports it and closes this one.
                Faults.Enqueue((subscription.Subscriber, exception));
            }
        }

        return true;
    }
}
