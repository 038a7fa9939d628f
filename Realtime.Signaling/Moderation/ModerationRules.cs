using Realtime.Contracts;
using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Moderation;

/// <summary>What a moderator may ask for, and against whom.</summary>
public static class ModerationRules
{
    public const int MaxReasonLength = 500;

    public static readonly TimeSpan MaxTimeOut = TimeSpan.FromDays(28);

    /// <summary>Never oneself, never somebody of a higher role.</summary>
    /// <returns>Null when it may go on.</returns>
    public static RealtimeError? Check(string actor, ChannelRole actingAs, string target, ChannelRole targetRole) =>
        actor == target ? new(ErrorCode.Invalid, "Nobody moderates themselves.", "user")
        : targetRole > actingAs ? new(ErrorCode.Forbidden, "That user has a higher role than you.", "user")
        : null;

    /// <summary>The form of a request.</summary>
    public static RealtimeError? Check(string? channel, string? user, string? reason)
    {
        if (!NameRules.IsName(channel))
            return new(ErrorCode.Invalid, $"A channel is named by 1 to {NameRules.MaxNameLength} of A-Z a-z 0-9 . _ : -", "channel");
        if (!NameRules.IsUser(user))
            return new(ErrorCode.Invalid, $"A user id has 1 to {NameRules.MaxUserLength} of A-Z a-z 0-9 . _ : - @ + |", "user");
        return CheckReason(reason);
    }

    public static RealtimeError? CheckReason(string? reason) => reason switch
    {
        { Length: > MaxReasonLength } => new(ErrorCode.TooLarge, $"At most {MaxReasonLength} characters.", "reason"),
        not null when reason.AsSpan().ContainsAnyInRange('\0', '\x1f') => new(ErrorCode.Invalid, "No control characters.", "reason"),
        _ => null,
    };

    /// <summary>A ban that ends has its end ahead.</summary>
    public static RealtimeError? CheckBan(DateTimeOffset? until, DateTimeOffset now) =>
        until <= now ? new(ErrorCode.Invalid, "That is past; leave it out for a ban until lifted.", "until") : null;

    public static RealtimeError? CheckTimeOut(DateTimeOffset? until, DateTimeOffset now) =>
        until > now + MaxTimeOut ? new(ErrorCode.Invalid, $"At most {MaxTimeOut.TotalDays} days ahead.", "until") : null;
}
