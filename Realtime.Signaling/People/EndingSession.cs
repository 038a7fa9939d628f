using Realtime.Signaling.Data;
using Realtime.Signaling.Rooms;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.People;

/// <summary>A session on its way out: what its steps need, and which of them are done.</summary>
public sealed class EndingSession
{
    int _busy;

    EndingSession(string id, string user, string name, long generation, IReadOnlyList<string> channels, IReadOnlyList<SessionRoom> rooms, string reason, HubSession? held)
    {
        (Id, User, Name, Generation, Channels, Rooms, Reason, Held) = (id, user, name, generation, channels, rooms, reason, held);
    }

    public string Id { get; }
    public string User { get; }
    public string Name { get; }
    public long Generation { get; }
    public IReadOnlyList<string> Channels { get; }
    public IReadOnlyList<SessionRoom> Rooms { get; }

    /// <summary>One of <see cref="EndReason"/>.</summary>
    public string Reason { get; }

    /// <summary>Not null: its connection was here.</summary>
    public HubSession? Held { get; }

    /// <summary>The names of the steps that need no doing again.</summary>
    internal HashSet<string> Done { get; } = new(StringComparer.Ordinal);

    internal int Attempts { get; set; }

    /// <summary>False: somebody is at it already.</summary>
    internal bool TryEnter() => Interlocked.CompareExchange(ref _busy, 1, 0) == 0;

    internal void Leave() => Volatile.Write(ref _busy, 0);

    /// <summary>A session of this replica: its client said goodbye, or we did.</summary>
    public static EndingSession Of(HubSession session, string reason) =>
        new(session.Id, session.User, session.Name, session.Generation, session.Channels, session.Rooms, reason, session);

    /// <summary>A session whose row this replica took charge of.</summary>
    public static EndingSession Of(SessionRow row, string reason) => new(row.Id, row.User, row.Name, row.Generation, row.Channels, row.Rooms, reason, null);

    internal SessionEnding ToRow() => new(Id, Generation, Reason);
}

/// <summary>Why sessions end, as they are counted.</summary>
public static class EndReason
{
    /// <summary>The client closed its connection.</summary>
    public const string Closed = "closed";
    /// <summary>The server closed it for good: revoked, banned, quarantined.</summary>
    public const string Refused = "refused";
    /// <summary>Its client did not come back in time, or its replica died.</summary>
    public const string Lost = "lost";
}
