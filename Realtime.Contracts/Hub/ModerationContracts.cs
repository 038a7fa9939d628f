namespace Realtime.Contracts;

/// <summary>Removes a user from a channel; they may join again.</summary>
public sealed record KickRequest(string? Channel, string? User, string? Reason);

/// <param name="Until">Absent: until lifted.</param>
public sealed record BanRequest(string? Channel, string? User, string? Reason, DateTimeOffset? Until = null);

public sealed record UnbanRequest(string? Channel, string? User, string? Reason = null);

/// <summary>The user reads on but cannot write, type or speak.</summary>
/// <param name="Until">At most 28 days ahead; in the past or absent lifts it.</param>
public sealed record TimeOutRequest(string? Channel, string? User, string? Reason, DateTimeOffset? Until = null);

/// <summary>What moderators did, as <c>channel.action</c> reports and the audit log keep it.</summary>
public static class ModerationAction
{
    public const string Kick = "kick";
    public const string Ban = "ban";
    public const string Unban = "unban";
    public const string TimeOut = "timeOut";
    public const string RemoveMessage = "removeMessage";
}

/// <summary>Told to the one concerned (and to the channel's other moderators).</summary>
public sealed record ModeratedEvent(string Channel, string User, string Action, string Moderator, string? Reason, DateTimeOffset? Until = null);
