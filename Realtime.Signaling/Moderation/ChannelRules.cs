using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Moderation;

/// <summary>What a channel may be like, and who may make and change it.</summary>
public static class ChannelRules
{
    public const int MaxTopicLength = 256;
    public const int MaxMetadataBytes = 4096;
    public const int MaxFirstMembers = 100;

    /// <summary>Of one channel; more are refused.</summary>
    public const int MaxMembers = 10_000;

    static readonly TimeSpan MinRetention = TimeSpan.FromMinutes(1);
    static readonly TimeSpan MaxRetention = TimeSpan.FromDays(36_500);

    public static RealtimeError? Check(CreateChannelRequest request)
    {
        if (!NameRules.IsName(request.Channel) || DirectName.IsReserved(request.Channel!))
            return new(ErrorCode.Invalid, $"1 to {NameRules.MaxNameLength} of A-Z a-z 0-9 . _ : -, not beginning with {DirectName.Prefix}", "channel");
        if (request.Members is { Count: > MaxFirstMembers })
            return new(ErrorCode.TooLarge, $"At most {MaxFirstMembers}; the others one by one.", "members");
        if (request.Members?.All(NameRules.IsUser) == false)
            return new(ErrorCode.Invalid, "User ids.", "members");
        return CheckParts(request.Kind, request.Topic, request.Metadata, request.Retention);
    }

    public static RealtimeError? Check(ChangeChannelRequest request) => CheckParts(request.Kind, request.Topic, request.Metadata, request.Retention);

    /// <summary>As [d.]hh:mm:ss; zero is for ever.</summary>
    public static bool TryReadRetention(string? text, [NotNullWhen(true)] out TimeSpan? retention)
    {
        retention = null;
        if (!TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var read) || (read != TimeSpan.Zero && (read < MinRetention || read > MaxRetention)))
            return false;
        retention = read;
        return true;
    }

    /// <summary>The topic is a moderator's business; who gets in, and what is kept, the owner's.</summary>
    public static ChannelRole NeededFor(ChangeChannelRequest request) =>
        request.Kind is null && request.Retention is null ? ChannelRole.Moderator : ChannelRole.Owner;

    /// <summary>Whether somebody may give a user another role; nobody but an owner gives or takes more than membership, and nobody touches a higher one than their own.</summary>
    /// <param name="next"><see cref="ChannelRole.None"/>: the user is removed.</param>
    public static RealtimeError? CheckMember(string actor, ChannelRole actingAs, string target, Standing standing, ChannelRole next, DateTimeOffset now)
    {
        var leaves = actor == target && next == ChannelRole.None;
        if (!leaves && (actingAs < ChannelRole.Moderator || standing.Role > actingAs))
            return new(ErrorCode.Forbidden, "You do not moderate this channel, or that user has a higher role than you.", "user");
        if (!leaves && actingAs < ChannelRole.Owner && (next > ChannelRole.Member || standing.Role > ChannelRole.Member))
            return new(ErrorCode.Forbidden, "Only an owner gives or takes that role.", "role");
        if (next != ChannelRole.None && standing.IsBanned(now))
            return new(ErrorCode.Conflict, "That user is banned; lift the ban first.", "user");
        return null;
    }

    static RealtimeError? CheckParts(string? kind, string? topic, JsonElement? metadata, string? retention)
    {
        if (kind is not (null or "public" or "private"))
            return new(ErrorCode.Invalid, "public or private.", "kind");
        if (topic is { Length: > MaxTopicLength })
            return new(ErrorCode.TooLarge, $"At most {MaxTopicLength} characters.", "topic");
        if (topic is not null && topic.AsSpan().ContainsAnyInRange('\0', '\x1f'))
            return new(ErrorCode.Invalid, "No control characters.", "topic");
        if (metadata is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
            return new(ErrorCode.Invalid, "An object.", "metadata");
        if (metadata?.GetRawText() is { } raw && (raw.Length > MaxMetadataBytes || raw.Contains("\\u0000", StringComparison.Ordinal)))
            return new(ErrorCode.TooLarge, $"At most {MaxMetadataBytes} characters, without NUL.", "metadata");
        if (retention is not null && !TryReadRetention(retention, out _))
            return new(ErrorCode.Invalid, "A time span of at least a minute as [d.]hh:mm:ss; 00:00:00 is for ever.", "retention");
        return null;
    }
}
