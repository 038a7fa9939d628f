using System.Text.Json;

namespace Realtime.Contracts;

public sealed record TypingRequest(string? Channel);

/// <param name="Until">When it ends unless repeated; with <c>Stopped</c>, when it ended.</param>
/// <param name="Stopped">Set when it ended before its time: a message was sent, the channel left, the session ended.</param>
public sealed record TypingEvent(string Channel, string User, string Name, DateTimeOffset Until, bool? Stopped = null);

/// <summary>I have read this channel up to here. A mark never moves back.</summary>
public sealed record MarkReadRequest(string? Channel, long? Seq);

public sealed record ReadMarkEvent(string Channel, string User, long Seq);

/// <param name="Status">One of <see cref="PresenceStatus"/>.</param>
/// <param name="Activity">What one is doing: a text, or <c>{type?, name, details?}</c>; unknown members are dropped.</param>
public sealed record SetPresenceRequest(string? Status, JsonElement? Activity = null);

/// <summary>How a user appears. A user with several devices appears as the most reachable of them; <c>invisible</c> is told to others as <c>offline</c>.</summary>
public static class PresenceStatus
{
    public const string Online = "online";
    public const string Idle = "idle";
    public const string DoNotDisturb = "dnd";
    public const string Invisible = "invisible";
    public const string Offline = "offline";
}

/// <param name="Stale">Set while the node of that user cannot be heard: this is what was known last.</param>
public sealed record PresenceEvent(string User, string Status, DateTimeOffset Since, UserActivity? Activity = null, bool? Stale = null);

public sealed record UserActivity(string Name, string? Type = null, string? Details = null);

/// <summary>Asks for a friendship, or ends one.</summary>
public sealed record FriendRequest(string? User);

public sealed record AnswerFriendRequest(string? User, bool? Accept);

/// <summary>How one stands with a user.</summary>
public static class FriendState
{
    /// <summary>I asked.</summary>
    public const string Requested = "requested";
    /// <summary>They asked.</summary>
    public const string Incoming = "incoming";
    public const string Friends = "friends";
    /// <summary>Declined, withdrawn or ended.</summary>
    public const string None = "none";
}

/// <param name="State">One of <see cref="FriendState"/>, as the receiver of the event sees it.</param>
public sealed record FriendEvent(string User, string Name, string State, DateTimeOffset Since);

/// <summary>One entry of <c>GET /api/friends</c>.</summary>
public sealed record Friend(string User, string Name, string State, DateTimeOffset Since, string? Status = null);
