using System.Text.Json;

namespace Realtime.Signaling.Rooms;

/// <summary>One session's presence in one room. The epoch follows the room when it moves; at most one negotiation is in flight.</summary>
public sealed class LocalParticipant(RoomCaller caller, string room, string participant, Placement placement, JsonElement? metadata)
{
    volatile Placement _placement = placement;
    long _toldEpoch = placement.Epoch;
    int _negotiating;
    int _isFresh = 1;

    public RoomCaller Caller { get; } = caller;
    public string Session => Caller.Session;
    public string Room { get; } = room;
    public string Participant { get; } = participant;
    /// <summary>As it was said last; a move takes it along.</summary>
    public JsonElement? Metadata { get; set; } = metadata;

    public Placement Placement => _placement;
    public long Epoch => _placement.Epoch;

    public SessionRoom ToSessionRoom() => new(Room, Epoch, Participant);

    /// <summary>Follows the room. One writer at a time: joining, or the mover.</summary>
    public void MoveTo(Placement placement) => _placement = placement;

    public bool NeedsTelling(long epoch) => Volatile.Read(ref _toldEpoch) < epoch;

    /// <summary>Once per epoch: the client does not know yet that the room has moved there.</summary>
    public bool TryTell(long epoch)
    {
        var told = Volatile.Read(ref _toldEpoch);
        return told < epoch && Interlocked.CompareExchange(ref _toldEpoch, epoch, told) == told;
    }

    public bool TryBeginNegotiation() => Interlocked.CompareExchange(ref _negotiating, 1, 0) == 0;

    /// <summary>True once, for the first offer after the join: it may be of another peer connection than the one before.</summary>
    public bool TakeFresh() => Interlocked.Exchange(ref _isFresh, 0) == 1;

    public void EndNegotiation() => Volatile.Write(ref _negotiating, 0);
}
