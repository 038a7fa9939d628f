using Realtime.Signaling.Presence;

namespace Realtime.Signaling.People;

/// <summary>What a replica says to the others of its sessions; without entries: that it is there.</summary>
sealed record PresenceNews(string Boot, IReadOnlyList<PresenceEntry> Entries)
{
    public const string Topic = "presence";

    /// <summary>Entries in one message; one takes a kilobyte at most.</summary>
    public const int MaxEntries = 100;

    public const int MaxBytes = 256 * 1024;

    /// <summary>Read from outside: records may lack what they must have.</summary>
    public bool IsWhole => Boot is { Length: > 0 } && Entries is { Count: <= MaxEntries } && Entries.All(IsWholeEntry);

    public static bool IsWholeEntry(PresenceEntry? entry) => entry is { Session.Length: > 0, User: not null, Boot.Length: > 0, Status: not null, Generation: > 0 };
}
