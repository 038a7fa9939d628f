using System.Text.Json;

namespace Realtime.Contracts;

/// <summary>A stored message: what history returns, and, byte for byte, what the event <c>messageCreated</c> carries.</summary>
public sealed record Message(
    string Channel,
    long Epoch,
    long Seq,
    string Id,
    string Author,
    string AuthorName,
    string Text,
    DateTimeOffset CreatedAt,
    string ClientMessageId,
    IReadOnlyList<string>? Mentions = null,
    IReadOnlyList<JsonElement>? Attachments = null,
    IReadOnlyList<JsonElement>? Embeds = null,
    string? ReplyTo = null);
