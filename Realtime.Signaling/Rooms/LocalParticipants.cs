namespace Realtime.Signaling.Rooms;

/// <summary>
/// The participants whose sessions are attached to this replica: by room for fan-out, by session for its end. Bounded by the sessions
/// a replica admits and <see cref="MaxRoomsPerSession"/>. Thread-safe; reads return copies.
/// </summary>
public sealed class LocalParticipants
{
    /// <summary>A session in more rooms than this is refused the next one.</summary>
    public const int MaxRoomsPerSession = 8;

    readonly Lock _gate = new();
    readonly Dictionary<string, Dictionary<string, LocalParticipant>> _byRoom = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<LocalParticipant>> _bySession = new(StringComparer.Ordinal);

    /// <summary>Adds it, or takes the place of the session's earlier presence in the room. False: the session is in too many rooms.</summary>
    public bool TryAdd(LocalParticipant participant)
    {
        lock (_gate)
        {
            var rooms = _bySession.TryGetValue(participant.Session, out var known) ? known : [];
            var earlier = rooms.Find(one => one.Room == participant.Room);
            if (earlier is null && rooms.Count >= MaxRoomsPerSession)
                return false;
            if (earlier is not null)
                Forget(earlier);
            if (!_bySession.TryGetValue(participant.Session, out rooms))
                _bySession[participant.Session] = rooms = [];
            rooms.Add(participant);
            if (!_byRoom.TryGetValue(participant.Room, out var peers))
                _byRoom[participant.Room] = peers = new(StringComparer.Ordinal);
            peers[participant.Participant] = participant;
            return true;
        }
    }

    public LocalParticipant? Find(string session, string room)
    {
        lock (_gate)
            return _bySession.TryGetValue(session, out var rooms) ? rooms.Find(one => one.Room == room) : null;
    }

    public LocalParticipant? FindParticipant(string room, string participant)
    {
        lock (_gate)
            return _byRoom.TryGetValue(room, out var peers) ? peers.GetValueOrDefault(participant) : null;
    }

    public IReadOnlyList<LocalParticipant> InRoom(string room)
    {
        lock (_gate)
            return _byRoom.TryGetValue(room, out var peers) ? [.. peers.Values] : [];
    }

    /// <summary>Whether somebody here is still in an earlier epoch of the room.</summary>
    public bool IsBehind(string room, long epoch)
    {
        lock (_gate)
        {
            if (!_byRoom.TryGetValue(room, out var peers))
                return false;
            foreach (var one in peers.Values)
            {
                if (one.Epoch < epoch)
                    return true;
            }
            return false;
        }
    }

    /// <summary>The rooms in which somebody here is at that node.</summary>
    public IReadOnlyList<string> RoomsAt(string node)
    {
        lock (_gate)
            return [.. _byRoom.Where(room => room.Value.Values.Any(one => one.Placement.Node == node)).Select(static room => room.Key)];
    }

    public IReadOnlyList<LocalParticipant> OfSession(string session)
    {
        lock (_gate)
            return _bySession.TryGetValue(session, out var rooms) ? [.. rooms] : [];
    }

    public IReadOnlyList<string> Rooms()
    {
        lock (_gate)
            return [.. _byRoom.Keys];
    }

    public void Remove(LocalParticipant participant)
    {
        lock (_gate)
            Forget(participant);
    }

    public IReadOnlyList<LocalParticipant> RemoveSession(string session)
    {
        lock (_gate)
        {
            if (!_bySession.TryGetValue(session, out var rooms))
                return [];
            LocalParticipant[] removed = [.. rooms];
            foreach (var one in removed)
                Forget(one);
            return removed;
        }
    }

    void Forget(LocalParticipant participant)
    {
        if (_bySession.TryGetValue(participant.Session, out var rooms) && rooms.Remove(participant) && rooms.Count == 0)
            _bySession.Remove(participant.Session);
        if (_byRoom.TryGetValue(participant.Room, out var peers) && peers.TryGetValue(participant.Participant, out var known) && known == participant)
        {
            peers.Remove(participant.Participant);
            if (peers.Count == 0)
                _byRoom.Remove(participant.Room);
        }
    }
}
