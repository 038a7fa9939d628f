using Realtime.Contracts;

namespace Realtime.Signaling.Presence;

/// <summary>
/// One device of a user: a session and what it says of its user, as the replica that holds it says it. Of two entries of a session the one with the higher generation
/// holds (each resume raises it), within a generation the one with the higher version; that it has ended outranks both within its generation.
/// </summary>
/// <param name="Boot">Of the replica that holds the session.</param>
/// <param name="Since">When the device took this status; with <paramref name="Gone"/>: when it ended.</param>
public sealed record PresenceEntry(
    string Session, string User, string Boot, long Generation, long Version, string Status, DateTimeOffset Since, UserActivity? Activity = null, bool Gone = false)
{
    /// <summary>Whether this one replaces the other of the same session.</summary>
    public bool Outranks(PresenceEntry other) =>
        Generation != other.Generation ? Generation > other.Generation : Gone != other.Gone ? Gone : Version > other.Version;
}
