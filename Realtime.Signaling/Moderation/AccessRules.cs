using Realtime.Contracts;

namespace Realtime.Signaling.Moderation;

/// <summary>Whether somebody may do something in a channel, and if not, why.</summary>
public enum AccessVerdict
{
    Allowed,
    /// <summary>The token does not name this channel, or it is somebody else's direct channel.</summary>
    NotGranted,
    NotMember,
    Banned,
    TimedOut,
    /// <summary>Neither a role in the channel nor a grant to moderate.</summary>
    NotModerator,
    /// <summary>Nobody may: the channel was deleted.</summary>
    Deleted,
}

/// <summary>Who may read, write and moderate a channel. Everything is denied unless one of these lines allows it.</summary>
public static class AccessRules
{
    public static AccessVerdict Read(string channel, ChannelPolicy policy, Standing standing, Grants grants, DateTimeOffset now)
    {
        // A direct channel's name that is none in the database belongs to nobody: no grant makes it a public one.
        if (policy.Kind == ChannelKind.Direct || DirectName.IsReserved(channel))
            return policy.Kind == ChannelKind.Direct && standing.Role >= ChannelRole.Member ? AccessVerdict.Allowed : AccessVerdict.NotGranted;
        if (!grants.AllowsChannel(channel))
            return AccessVerdict.NotGranted;
        if (policy.Deleted)
            return AccessVerdict.Deleted;
        if (standing.IsBanned(now))
            return AccessVerdict.Banned;
        return policy.Kind == ChannelKind.Public || standing.Role >= ChannelRole.Member ? AccessVerdict.Allowed : AccessVerdict.NotMember;
    }

    public static AccessVerdict Write(string channel, ChannelPolicy policy, Standing standing, Grants grants, DateTimeOffset now) =>
        Read(channel, policy, standing, grants, now) is var read and not AccessVerdict.Allowed ? read
        : standing.IsTimedOut(now) ? AccessVerdict.TimedOut
        : AccessVerdict.Allowed;

    /// <summary>Coming back with a position from before: as reading, but not for who was thrown out since.</summary>
    public static AccessVerdict Resume(string channel, ChannelPolicy policy, Standing standing, Grants grants, DateTimeOffset now) =>
        Read(channel, policy, standing, grants, now) is var read and not AccessVerdict.Allowed ? read
        : standing.Removed ? AccessVerdict.NotMember
        : AccessVerdict.Allowed;

    /// <summary>Whether what is said in the channel reaches a user, as far as the channel knows: tokens that could grant it are not here to be asked.</summary>
    public static bool Reaches(ChannelPolicy policy, Standing standing, DateTimeOffset now) =>
        !policy.Deleted && !standing.IsBanned(now) && (policy.Kind == ChannelKind.Public || standing.Role >= ChannelRole.Member);

    /// <summary>Moderating needs the channel granted, and the grant <c>moderate</c> or a role in the channel. Nobody moderates a direct channel.</summary>
    public static AccessVerdict Moderate(string channel, ChannelPolicy policy, Standing standing, Grants grants, DateTimeOffset now)
    {
        if (policy.Kind == ChannelKind.Direct || DirectName.IsReserved(channel) || !grants.AllowsChannel(channel))
            return AccessVerdict.NotGranted;
        if (policy.Deleted)
            return AccessVerdict.Deleted;
        if (standing.IsBanned(now))
            return AccessVerdict.Banned;
        return ActingAs(standing, grants) >= ChannelRole.Moderator ? AccessVerdict.Allowed : AccessVerdict.NotModerator;
    }

    /// <summary>The grant <c>moderate</c> makes a moderator of whoever has no higher role.</summary>
    public static ChannelRole ActingAs(Standing standing, Grants grants) =>
        grants.AllowsModerate() && standing.Role < ChannelRole.Moderator ? ChannelRole.Moderator : standing.Role;

    /// <summary>The refusal a caller is told; null when allowed. Whether somebody else's direct channel exists is not told.</summary>
    public static RealtimeError? Refusal(AccessVerdict verdict) => verdict switch
    {
        AccessVerdict.Allowed => null,
        AccessVerdict.NotMember => Forbidden("You are not a member of this channel."),
        AccessVerdict.Banned => Forbidden("You are banned from this channel."),
        AccessVerdict.TimedOut => Forbidden("You cannot write in this channel for a while."),
        AccessVerdict.NotModerator => Forbidden("You do not moderate this channel."),
        AccessVerdict.Deleted => new(ErrorCode.NotFound, "This channel was deleted.", "channel"),
        _ => Forbidden("Your token does not grant this channel."),
    };

    static RealtimeError Forbidden(string message) => new(ErrorCode.Forbidden, message, "channel");
}
