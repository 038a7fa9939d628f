using System.Text.Json;

namespace Realtime.Contracts;

/// <summary>Where a client stands in a channel: the last sequence number it has processed, and the epoch it belongs to.</summary>
public sealed record Position(string Channel, long Seq, long? Epoch = null);

public sealed record HelloRequest(string? Resume = null, IReadOnlyList<Position>? Positions = null, JsonElement? ClientInfo = null);

public sealed record JoinChannelRequest(string? Channel, long? Since = null);

public sealed record LeaveChannelRequest(string? Channel);

/// <param name="ClientMessageId">Makes a retry idempotent: the same author and id is stored once.</param>
public sealed record SendMessageRequest(
    string? Channel,
    string? ClientMessageId,
    string? Text,
    IReadOnlyList<string>? Mentions = null,
    IReadOnlyList<JsonElement>? Attachments = null,
    IReadOnlyList<JsonElement>? Embeds = null,
    string? ReplyTo = null);

public sealed record HistoryRequest(string? Channel, long? Before = null, long? After = null, int? Limit = null);

/// <param name="Sdp">Optional: an offer, answered together with the join; saves a round trip.</param>
/// <param name="Tracks">Optional labels for that offer's sending sections.</param>
public sealed record JoinRoomRequest(string? Room, JsonElement? Metadata = null, string? Sdp = null, IReadOnlyList<TrackLabel>? Tracks = null);

public sealed record LeaveRoomRequest(string? Room);

/// <param name="Tracks">Optional labels for the offer's sending sections.</param>
public sealed record NegotiateRequest(string? Room, long? Epoch, string? Sdp, IReadOnlyList<TrackLabel>? Tracks = null);

/// <summary>Says what a sending section carries: <c>microphone</c>, <c>camera</c>, <c>screen</c> … (free text, at most 32 characters).</summary>
public sealed record TrackLabel(string? Mid, string? Source);

public sealed record SetTrackRequest(string? Track, bool? Muted, string? Room = null);

/// <param name="Tracks">Of other people; each wish replaces the one before for its track.</param>
public sealed record SubscribeRequest(string? Room, IReadOnlyList<TrackWish>? Tracks);

/// <summary>What a client can use of one track: no more than this is sent. What is left out has no limit.</summary>
/// <param name="MaxWidth">In pixels; the largest layer within the limits is sent, or else the smallest there is.</param>
/// <param name="Priority">Higher first, when the bandwidth is not enough for everything.</param>
/// <param name="Paused">Nobody sees it: nothing is sent.</param>
/// <param name="Pinned">Before everything that is not.</param>
public sealed record TrackWish(
    string? Track, int? MaxWidth = null, int? MaxHeight = null, double? MaxFps = null, int? Priority = null, bool? Paused = null, bool? Pinned = null);
