using Realtime.Media.Core;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>
/// Which packets go where: a row per encoding of a publication, flat arrays of those that take it or wait for it, no look-up but the row number that the receive stream carries. A
/// subscriber whose part throws is put aside as a fault and does not cost the others the packet.
/// </summary>
/// <param name="touched">Those whose timers changed.</param>
public sealed class ForwardingTable(DropCounters drops, Queue<Participant> touched)
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

    /// <summary>A row for each encoding.</summary>
    public void Add(Publication publication)
    {
        foreach (var encoding in publication.Media.Encodings)
        {
            var free = Array.FindIndex(rows, row => row.Publication is null);
            if (free < 0)
            {
                free = rows.Length;
                Array.Resize(ref rows, rows.Length * 2);
            }

            rows[free] = new Row { Publication = publication, Subscriptions = new Subscription[FirstCapacity] };
            encoding.Route = free;
        }
    }

    public void Remove(Publication publication)
    {
        foreach (var encoding in publication.Media.Encodings)
        {
            rows[encoding.Route] = default;
            encoding.Route = ReceiveStream.NotRouted;
        }
    }

    public void Add(Subscription subscription)
    {
        subscription.Publication.Subscriptions.Add(subscription);
        Place(subscription);
    }

    public void Remove(Subscription subscription)
    {
        subscription.Publication.Subscriptions.Remove(subscription);
        Place(subscription, 0);
    }

    /// <summary>Puts it into the rows of those encodings that concern it now, and takes it out of the others.</summary>
    public void Place(Subscription subscription) => Place(subscription, subscription.Stream.Listens);

    void Place(Subscription subscription, int listens)
    {
        var changed = listens ^ subscription.Placed;
        if (changed == 0) return;
        subscription.Placed = listens;
        foreach (var encoding in subscription.Publication.Media.Encodings)
        {
            var bit = 1 << encoding.Index;
            if ((changed & bit) == 0) continue;
            ref var row = ref rows[encoding.Route];
            if ((listens & bit) != 0) Add(ref row, subscription);
            else Remove(ref row, subscription);
        }
    }

    static void Add(ref Row row, Subscription subscription)
    {
        if (row.Count == row.Subscriptions.Length) Array.Resize(ref row.Subscriptions, row.Count * 2);
        row.Subscriptions[row.Count++] = subscription;
    }

    static void Remove(ref Row row, Subscription subscription)
    {
        var index = Array.IndexOf(row.Subscriptions, subscription, 0, row.Count);
        if (index < 0) return;
        row.Subscriptions[index] = row.Subscriptions[--row.Count];
        row.Subscriptions[row.Count] = null!;
    }

    public Publication PublicationAt(int route) => rows[route].Publication!;

    /// <summary>Why nobody gets the packet, if so.</summary>
    public DropReason Check(in MediaPacket packet)
    {
        var route = packet.Source!.Route;
        return route == ReceiveStream.NotRouted || rows[route].Publication!.Muted ? DropReason.NotPublishing : DropReason.None;
    }

    /// <summary>Copies of one source's packets to everyone they are for. False when the outbox must be sent before the next subscriber.</summary>
    /// <param name="frame">Their numbers in the burst, in order.</param>
    /// <param name="next">The subscription to go on with.</param>
    public bool TryForward(Instant now, PacketBurst burst, ReadOnlySpan<int> frame, ref int next, Outbox outbox)
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
                    var drop = peer.Forward(now, packet, subscription.Stream, outbox);
                    if (drop != DropReason.None) drops.Count(drop);
                }

                // A key frame may have begun another encoding; it never takes it out of the row under way.
                if (subscription.Stream.Listens != subscription.Placed) Place(subscription);
                if (peer.Bandwidth!.TakeNewDeadline()) touched.Enqueue(subscription.Subscriber);
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
