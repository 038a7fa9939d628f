using Realtime.Contracts;

namespace Realtime.Signaling.Presence;

/// <summary>What one device says of its user.</summary>
/// <param name="Version">Counts the changes within a session.</param>
public sealed record DeviceStatus(string Status, DateTimeOffset Since, UserActivity? Activity = null, long Version = 0)
{
    public static DeviceStatus Online(DateTimeOffset now) => new(PresenceStatus.Online, WholeMilliseconds(now));

    /// <summary>What is said now; the time stays while the status does.</summary>
    public DeviceStatus Change(string status, UserActivity? activity, DateTimeOffset now) =>
        new(status, status == Status ? Since : WholeMilliseconds(now), activity, Version + 1);

    public PresenceEntry ToEntry(string session, string user, string boot, long generation) => new(session, user, boot, generation, Version, Status, Since, Activity);

    /// <summary>What Postgres gives back is then what was said.</summary>
    static DateTimeOffset WholeMilliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
