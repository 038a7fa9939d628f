using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>A message on its way into a channel: everything but its number.</summary>
/// <param name="Extras">Null when the message has none.</param>
public sealed record NewMessage(
    string Id, string Author, string AuthorName, string ClientMessageId, string Text, MessageExtras? Extras, DateTimeOffset CreatedAt)
{
    public Message ToMessage(string channel, long epoch, long seq) => new(
        channel, epoch, seq, Id, Author, AuthorName, Text, CreatedAt, ClientMessageId, Extras?.Mentions, Extras?.Attachments, Extras?.Embeds, Extras?.ReplyTo);
}

/// <summary>The rarer parts of a message: one JSON column.</summary>
public sealed record MessageExtras(
    IReadOnlyList<string>? Mentions, IReadOnlyList<JsonElement>? Attachments, IReadOnlyList<JsonElement>? Embeds, string? ReplyTo)
{
    public static MessageExtras? Of(SendMessageRequest request) =>
        request.Mentions is null && request.Attachments is null && request.Embeds is null && request.ReplyTo is null
            ? null
            : new MessageExtras(request.Mentions, request.Attachments, request.Embeds, request.ReplyTo);
}

/// <summary>Where an appended message ended up. Duplicate: it was stored before, and this is what is stored.</summary>
public readonly record struct Appended(string Id, long Seq, DateTimeOffset CreatedAt, bool Duplicate, long Epoch)
{
    /// <summary>Not stored: the author was banned, timed out or removed before it got its number.</summary>
    public bool Refused => Seq == 0;
}

/// <summary>A channel's counters. <see cref="First"/>: the oldest event that still exists, <c>Head + 1</c> when there is none.</summary>
public readonly record struct ChannelHead(long Epoch, long Head, long First);
