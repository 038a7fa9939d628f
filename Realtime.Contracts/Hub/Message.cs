using System.Text.Json;

namespace Realtime.Contracts;

/// <summary>A stored message: what history returns as it stands now, and what the event <c>messageCreated</c> carries as it was written.</summary>
/// <param name="EditedAt">Set in history when the text is not the first one.</param>
/// <param name="Deleted">Set when it was removed: text, mentions, attachments and embeds are gone, its place stays.</param>
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
    string? ReplyTo = null,
    DateTimeOffset? EditedAt = null,
    bool? Deleted = null);
