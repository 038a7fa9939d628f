using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Peers;
using Realtime.Media.Rooms;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;

namespace Realtime.Media.Isolation;

/// <summary>What a worker is given.</summary>
/// <param name="Publish">Takes the rooms' events, on the worker's thread: must not block.</param>
public sealed record WorkerEnvironment(PeerEnvironment Peers, MediaQuotas Quotas, Guarded Guarded, Action<MediaRoomEvent> Publish)
{
    /// <summary>The worker's number on its node.</summary>
    public int Index { get; init; }

    /// <summary>Where the node's workers say which ufrags are theirs.</summary>
    public UfragDirectory Ufrags { get; init; } = new();

    /// <summary>Where the circuits of the peers' transports are shown.</summary>
    public CircuitRegistry Circuits { get; init; } = new(TimeProvider.System);
}

/// <summary>
/// The rooms of one thread: finds whose datagram it is, holds it against the quota, hands it to the room behind the fault wall. Without
/// thread, socket or clock of its own, so a test can drive it on virtual time; <see cref="WorkerThread"/> gives it all three.
/// </summary>
public sealed partial class Worker(WorkerEnvironment environment, Entropy entropy, WorkerCounters counters)
{
    readonly Dictionary<string, RoomSlot> rooms = [];
    readonly PeerTimers peers = new();
    readonly Queue<PeerSlot> halfOpen = new();
    readonly PeerTable table = new(environment.Ufrags, environment.Index);
    readonly EpochFence fence = new();
    readonly FaultWall wall = new(environment.Guarded, counters);
    readonly PacketBurst burst = new();
    readonly TransportCircuits circuits = new(environment.Circuits);
    Instant roomsDue = Instant.Never;

    /// <summary>Media that waits is due at once.</summary>
    public Instant NextDeadline => HasMedia ? Instant.Zero : Instant.Min(roomsDue, Instant.Min(peers.NextDeadline, nextRetirement));

    /// <summary>Media waits to be forwarded: <see cref="Tick(Instant, Outbox)"/>, and again after the outbox was sent, until there is none.</summary>
    public bool HasMedia => !burst.IsEmpty;

    /// <summary>When the oldest packet that waits came; never without one.</summary>
    public Instant WaitsSince => burst.WaitsSince;

    /// <summary>The next datagram is better received after a <see cref="Tick(Instant, Outbox)"/>.</summary>
    public bool IsFull => burst.IsFull;

    /// <summary>Addresses under which peers are known.</summary>
    public int Addresses => table.Addresses;

    /// <summary>One datagram as it came, opened in place. Media is forwarded by the next <see cref="Tick(Instant, Outbox)"/>, which is due at once.</summary>
    public void Receive(Instant now, in NetAddress from, Span<byte> datagram, Outbox outbox)
    {
        counters.DatagramsIn++;
        counters.BytesIn += datagram.Length;
        var kind = DatagramKinds.Classify(datagram);
        if (table.Find(from, datagram, kind, out var drop) is not { } slot)
        {
            counters.Drops.Count(drop);
            // Over UDP a stranger costs a look-up; a TCP connection costs until it is closed.
            if (from.IsTcp && !table.Knows(from)) table.AddOrphan(from);
            return;
        }

        if (fencedBy != 0 && kind is (DatagramKind.Rtp or DatagramKind.Rtcp))
        {
            counters.Drops.Count(DropReason.Fenced);
            return;
        }

        if (!slot.Quota.Allows(now, datagram.Length))
        {
            counters.Drops.Count(DropReason.OverQuota);
            if (slot.Quota.IsHopeless) CloseOverQuota(now, slot, outbox);
            return;
        }

        // Opening overwrites the datagram.
        var (room, isIndication) = (slot.Room, kind == DatagramKind.Stun && StunMessage.IsIndication(datagram));
        try
        {
            FaultPoint.Hit("media.peer.receive", "datagram", slot.Participant.Info.User, room.Room.Name);
            drop = room.Room.Receive(now, slot.Participant, from, datagram, burst, outbox);
        }
        catch (Exception exception)
        {
            wall.ClosePeer(now, slot, "receive", exception);
        }

        if (drop != DropReason.None) counters.Drops.Count(drop);
        var isProven = IsProven(kind, drop);
        if (!isIndication && isProven) slot.Quota.Charge(datagram.Length);
        if (slot.Participant.Relay is not null) CountRelayed(kind);
        else if (kind != DatagramKind.Stun) Judge(now, slot, isProven, drop, outbox);
        if (kind == DatagramKind.Stun && !slot.Participant.HasLeft) LearnPath(now, slot, from);
        // A check that is authentic but not accepted (487) is repeated on the same connection; a forged one ends it.
        if (from.IsTcp && drop != DropReason.None && !table.Knows(from)) table.AddOrphan(from);
        Settle(now, room);
        peers.Touch(slot);
    }

    /// <summary>A TCP connection ended. A peer that has no other path may come back by a new one, for a few seconds.</summary>
    public void LosePath(Instant now, in NetAddress path)
    {
        if (table.RemoveAddress(path) is not { } slot) return;
        try
        {
            slot.Participant.Peer.LosePath(now, path);
        }
        catch (Exception exception)
        {
            wall.ClosePeer(now, slot, "losePath", exception);
            Settle(now, slot.Room);
        }

        peers.Touch(slot);
    }

    /// <summary>A TCP connection to close: nobody's path any more, or never one.</summary>
    public bool TryTakeOrphan(out NetAddress connection) => table.TryTakeOrphan(out connection);

    /// <summary>Forwards what waits, as far as the outbox has room, and serves the timers that are due; cheap when there is none.</summary>
    public void Tick(Instant now, Outbox outbox)
    {
        if (!Forward(now, outbox)) return;
        EndRetired(now, outbox);
        if (now >= roomsDue) TickRooms(now);
        if (now < peers.NextDeadline) return;
        // Backwards: a peer that leaves gives its place to the last one, which has been served.
        for (var i = peers.Count - 1; i >= 0; i--)
        {
            if (i < peers.Count && peers.IsDue(i, now)) Tick(now, peers[i], outbox);
        }

        peers.EndPass(now);
    }

    /// <summary>The loop itself failed: everything here is given up, and everybody told.</summary>
    public void Abandon(string? incident)
    {
        foreach (var room in rooms.Values.ToList())
        {
            room.Room.Abandon(incident);
            Publish(room);
        }

        for (var i = 0; i < peers.Count; i++) table.Remove(peers[i]);
        rooms.Clear();
        peers.Clear();
        burst.Clear();
        counters.Rooms = counters.Peers = counters.Tracks = links = 0;
    }

    /// <summary>The node stops: everybody hears goodbye.</summary>
    public void Close(Instant now, string reason, Outbox outbox)
    {
        foreach (var room in rooms.Values.ToList()) Close(now, room, reason, outbox);
    }

    /// <summary>False when the outbox must be sent first.</summary>
    bool Forward(Instant now, Outbox outbox)
    {
        while (!burst.IsEmpty)
        {
            Room? room = null;
            Participant? publisher = null;
            try
            {
                if (!burst.TryForward(now, outbox, out room, out publisher)) return false;
            }
            catch (Exception exception) when (room is not null && publisher is not null && Find(room, publisher) is not null)
            {
                burst.EndFrame();
                wall.ClosePeer(now, Find(room, publisher)!, "forward", exception);
            }

            if (rooms.TryGetValue(room.Name, out var slot) && slot.Room == room) Settle(now, slot);
            // Whoever waits for a key frame of it has wished for one.
            if (Find(room, publisher) is { } source) peers.Touch(source);
        }

        return true;
    }

    PeerSlot? Find(Room room, Participant participant) =>
        rooms.TryGetValue(room.Name, out var slot) && slot.Room == room ? slot.Peers.GetValueOrDefault(participant.Id) : null;

    void Tick(Instant now, PeerSlot slot, Outbox outbox)
    {
        try
        {
            FaultPoint.Hit("media.peer.tick", "tick", slot.Participant.Info.User, slot.Room.Room.Name);
            slot.Room.Room.Tick(now, slot.Participant, outbox);
        }
        catch (Exception exception)
        {
            wall.ClosePeer(now, slot, "tick", exception);
        }

        Settle(now, slot.Room);
        peers.Touch(slot);
    }

    /// <summary>
    /// Whether it is certain that the peer itself sent it: before keys are agreed DTLS proves nothing, and after that only alerts are looked into.
    /// </summary>
    static bool IsProven(DatagramKind kind, DropReason drop) => kind switch
    {
        DatagramKind.Stun => drop == DropReason.None,
        DatagramKind.Rtp or DatagramKind.Rtcp => drop is DropReason.None or DropReason.UnknownSsrc or DropReason.UnknownPayloadType or DropReason.Duplicate
            or DropReason.NotPublishing or DropReason.OutboxFull,
        _ => false,
    };

    void LearnPath(Instant now, PeerSlot slot, in NetAddress from)
    {
        if (slot.Participant.Peer.IsValidated(from)) table.AddAddress(now, slot, from);
        table.SyncUfrags(slot);
    }

    void CloseOverQuota(Instant now, PeerSlot slot, Outbox outbox)
    {
        counters.PeersOverQuota++;
        ActionLog.Record("media", "overQuota", slot.Participant.Info.User, slot.Room.Room.Name, slot.Participant.Id);
        LeaveGuarded(now, slot, Contracts.LeaveReason.Quota, outbox);
    }
}
