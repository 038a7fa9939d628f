using Realtime.Contracts;

namespace Realtime.Signaling.Rooms;

/// <summary>One session's presence in one room. The epoch follows the room when it moves; at most one negotiation is in flight.</summary>
public sealed class LocalParticipant(string session, string user, string name, Grants grants, string room, long epoch, string participant)
{
    long _epoch = epoch;
    int _negotiating;

    public string Session { get; } = session;
    public string User { get; } = user;
    public string Name { get; } = name;
    public Grants Grants { get; } = grants;
    public string Room { get; } = room;
    public string Participant { get; } = participant;
    public long Epoch => Volatile.Read(ref _epoch);

    public SessionRoom ToSessionRoom() => new(Room, Epoch, Participant);

    /// <summary>Raises the epoch; a lower one is a late arrival and changes nothing.</summary>
    public void MoveTo(long epoch)
    {
        long seen;
        while ((seen = Volatile.Read(ref _epoch)) < epoch && Interlocked.CompareExchange(ref _epoch, epoch, seen) != seen) { }
    }

    public bool TryBeginNegotiation() => Interlocked.CompareExchange(ref _negotiating, 1, 0) == 0;

    public void EndNegotiation() => Volatile.Write(ref _negotiating, 0);
}
