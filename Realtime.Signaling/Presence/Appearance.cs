using Realtime.Contracts;

namespace Realtime.Signaling.Presence;

/// <summary>How a user appears to others: one of <see cref="PresenceStatus"/>, never <c>invisible</c>.</summary>
/// <param name="Stale">The replica that holds the user's devices cannot be heard: this is what it said last.</param>
public readonly record struct Appearance(string Status, DateTimeOffset Since, UserActivity? Activity, bool Stale)
{
    /// <summary>From the most to the least reachable; invisible counts as offline.</summary>
    static readonly string[] Reachability = [PresenceStatus.Online, PresenceStatus.Idle, PresenceStatus.DoNotDisturb];

    public static bool IsStatus(string? status) => status is PresenceStatus.Online or PresenceStatus.Idle or PresenceStatus.DoNotDisturb or PresenceStatus.Invisible;

    /// <summary>
    /// A user with several devices appears as the most reachable of them: online, then idle, then do-not-disturb; invisible devices do not count. Devices that can be
    /// heard go before those that cannot. Among equals the one that took its status last gives time and activity.
    /// </summary>
    /// <param name="since">For who is offline: since when.</param>
    public static Appearance Of(IEnumerable<PresenceEntry> devices, Func<string, bool> isSilent, DateTimeOffset since)
    {
        (PresenceEntry Device, bool Silent)? best = null;
        foreach (var device in devices)
        {
            if (Rank(device.Status) == Reachability.Length)
                continue;
            var silent = isSilent(device.Boot);
            if (best is not { } known || IsBetter(device, silent, known.Device, known.Silent))
                best = (device, silent);
        }
        return best is { } shown ? new Appearance(shown.Device.Status, shown.Device.Since, shown.Device.Activity, shown.Silent) : new Appearance(PresenceStatus.Offline, since, null, false);
    }

    public PresenceEvent ToEvent(string user) => new(user, Status, Since, Activity, Stale ? true : null);

    static bool IsBetter(PresenceEntry one, bool oneSilent, PresenceEntry other, bool otherSilent)
    {
        if (oneSilent != otherSilent)
            return otherSilent;
        var byRank = Rank(other.Status) - Rank(one.Status);
        if (byRank != 0)
            return byRank > 0;
        var byTime = one.Since.CompareTo(other.Since);
        return byTime != 0 ? byTime > 0 : string.CompareOrdinal(one.Session, other.Session) > 0;
    }

    static int Rank(string status)
    {
        var rank = Array.IndexOf(Reachability, status);
        return rank < 0 ? Reachability.Length : rank;
    }
}
