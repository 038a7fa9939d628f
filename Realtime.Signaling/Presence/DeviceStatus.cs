using Realtime.Contracts;

namespace Realtime.Signaling.Presence;

/// <summary>What one device says of its user.</summary>
/// <param name="Version">Counts the changes within a session.</param>
public sealed record DeviceStatus(string Status, DateTimeOffset Since, UserActivity? Activity = null, long Version = 0)
{
    public static DeviceStatus Online(DateTimeOffset since) => new(PresenceStatus.Online, since);

    public PresenceEntry ToEntry(string session, string user, string boot, long generation) => new(session, user, boot, generation, Version, Status, Since, Activity);
}
