using System.Security.Cryptography;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Isolation;

namespace Realtime.Media.Control;

/// <summary>
/// Which worker each participant of a room is on. A room begins on the worker its name gives; when it has outgrown it, who comes next is put on another one, and the two parts are
/// joined by a relay, so that to the people it stays one room. Kept by what is commanded and by what the workers tell; bounded by the participants there are. Thread-safe.
/// </summary>
public sealed class RoomParts(int workers, int peersPerPart)
{
    readonly Lock gate = new();
    readonly Dictionary<string, Parts> rooms = new(StringComparer.Ordinal);

    sealed class Parts(long epoch, int home, int workers)
    {
        public long Epoch => epoch;
        public int Home => home;
        public int[] Peers { get; } = new int[workers];
        public Dictionary<string, int> Seats { get; } = new(StringComparer.Ordinal);
        /// <summary>Of the parts that are not at home, the link to it.</summary>
        public Dictionary<int, string> Links { get; } = [];
    }

    /// <summary>Where a participant of the room is, or would be were it here.</summary>
    public int WorkerOf(string room, string participant)
    {
        lock (gate)
            return rooms.TryGetValue(room, out var parts) && parts.Seats.TryGetValue(participant, out var worker) ? worker : Placement.WorkerOf(room, workers);
    }

    /// <summary>All workers that have a part of the room, its home first.</summary>
    public IReadOnlyList<int> WorkersOf(string room)
    {
        lock (gate)
            return rooms.TryGetValue(room, out var parts) ? [parts.Home, .. parts.Links.Keys] : [Placement.WorkerOf(room, workers)];
    }

    /// <summary>Finds a place for one who joins. A link is to be opened when <see cref="Seat.Link"/> says so, before anybody joins there.</summary>
    public Seat Take(string room, long epoch, string participant)
    {
        lock (gate)
        {
            if (!rooms.TryGetValue(room, out var parts) || parts.Epoch < epoch)
                rooms[room] = parts = new Parts(epoch, Placement.WorkerOf(room, workers), workers);
            // One from before a move is refused there.
            if (parts.Epoch > epoch)
                return new Seat(parts.Home, parts.Home, null, IsNew: false);
            if (parts.Seats.TryGetValue(participant, out var known))
                return new Seat(known, parts.Home, null, IsNew: false);
            var worker = Choose(parts);
            parts.Seats.Add(participant, worker);
            parts.Peers[worker]++;
            if (worker == parts.Home || parts.Links.ContainsKey(worker))
                return new Seat(worker, parts.Home, null, IsNew: true);
            var link = parts.Links[worker] = "relay:" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
            return new Seat(worker, parts.Home, link, IsNew: true);
        }
    }

    /// <summary>What a worker tells: who left gives the place back.</summary>
    /// <returns>The link that the home's end has to drop, because the part at its other end is empty now.</returns>
    public string? Heard(int worker, MediaRoomEvent e)
    {
        lock (gate)
        {
            if (!rooms.TryGetValue(e.Room, out var parts) || parts.Epoch != e.Epoch)
                return null;
            switch (e)
            {
                case PeerLeftEvent left:
                    return Leave(e.Room, parts, left.Participant, worker);
                case RoomClosedEvent when worker == parts.Home:
                    rooms.Remove(e.Room);
                    return null;
                default:
                    return null;
            }
        }
    }

    /// <summary>The join was refused.</summary>
    public string? Release(string room, long epoch, string participant)
    {
        lock (gate)
            return rooms.TryGetValue(room, out var parts) && parts.Epoch == epoch && parts.Seats.TryGetValue(participant, out var worker) ? Leave(room, parts, participant, worker) : null;
    }

    string? Leave(string room, Parts parts, string participant, int worker)
    {
        if (!parts.Seats.TryGetValue(participant, out var seat) || seat != worker)
            return null;
        parts.Seats.Remove(participant);
        string? link = null;
        if (--parts.Peers[worker] == 0 && worker != parts.Home && parts.Links.Remove(worker, out var ended))
            link = ended;
        if (parts.Seats.Count == 0)
            rooms.Remove(room);
        return link;
    }

    /// <summary>At home while there is room, then where the room has a part already, then on the worker with the fewest of it.</summary>
    int Choose(Parts parts)
    {
        if (parts.Peers[parts.Home] < peersPerPart)
            return parts.Home;
        foreach (var worker in parts.Links.Keys)
        {
            if (parts.Peers[worker] < peersPerPart)
                return worker;
        }

        var fewest = parts.Home;
        for (var i = 0; i < workers; i++)
        {
            if (parts.Peers[i] < parts.Peers[fewest])
                fewest = i;
        }

        return fewest;
    }

    /// <param name="Link">A new part: the link that joins it to the room's home.</param>
    /// <param name="IsNew">The place was not this participant's before.</param>
    public readonly record struct Seat(int Worker, int Home, string? Link, bool IsNew);
}
