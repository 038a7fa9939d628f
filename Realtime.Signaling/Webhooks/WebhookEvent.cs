using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Webhooks;

/// <summary>One thing that happened in a channel, as endpoints are told: <c>{"type", "timestamp", "data"}</c>, below <see cref="MaxBytes"/>.</summary>
/// <param name="Id">The same on every replica and for every endpoint: receivers drop what they have seen.</param>
/// <param name="About">The users whom the payload names as its author, editor, moderator or target: their erasure takes it.</param>
public sealed record WebhookEvent(string Id, string Kind, string Channel, DateTimeOffset At, string Payload, IReadOnlyList<string> About)
{
    public const int MaxBytes = 20 * 1000;

    /// <summary>An event of a channel's order; null for one that is not told.</summary>
    public static WebhookEvent? Of(long epoch, long seq, object record)
    {
        var (kind, channel, at, by) = record switch
        {
            Message message => (WebhookKind.MessageCreated, message.Channel, message.CreatedAt, message.Author),
            MessageUpdatedEvent updated => (WebhookKind.MessageUpdated, updated.Channel, updated.EditedAt, updated.EditedBy),
            MessageDeletedEvent deleted => (WebhookKind.MessageDeleted, deleted.Channel, deleted.DeletedAt, deleted.DeletedBy),
            _ => ("", "", default, ""),
        };
        return kind.Length == 0 ? null : new WebhookEvent(IdOf(channel, epoch, seq), kind, channel, at, Fit(kind, at, record), [by]);
    }

    /// <summary>Something a moderator did; null for other news about access.</summary>
    public static WebhookEvent? Of(OutboxEntry entry, DateTimeOffset at)
    {
        if (entry.Kind != AccessNews.Kind || !AccessNews.TryRead(entry.Payload, out var news) || !news.IsModeration)
            return null;
        var kind = WebhookKind.ModerationPrefix + news.Action;
        return new WebhookEvent(IdOf(entry.Key, (long)entry.TransactionId, entry.Id, "access"), kind, entry.Key, at, Write(kind, at, news.ToEvent(entry.Key)), [.. new[] { news.User, news.By }.OfType<string>()]);
    }

    /// <summary>Says nothing but that it arrives.</summary>
    public static WebhookEvent Ping(string id, string endpoint, DateTimeOffset now) => new(id, WebhookKind.Ping, "", now, Write(WebhookKind.Ping, now, new { endpoint }), []);

    static string IdOf(string channel, long epoch, long seq, string space = "") =>
        "evt_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{channel}\n{epoch}\n{seq}\n{space}")).AsSpan(0, 16));

    /// <summary>What is too large loses its embeds, then its attachments: the receiver can ask for the message by its id.</summary>
    static string Fit(string kind, DateTimeOffset at, object record)
    {
        var payload = Write(kind, at, record);
        if (record is not Message message)
            return payload;
        if (Encoding.UTF8.GetByteCount(payload) >= MaxBytes)
            payload = Write(kind, at, message with { Embeds = null }, truncated: true);
        return Encoding.UTF8.GetByteCount(payload) >= MaxBytes ? Write(kind, at, message with { Embeds = null, Attachments = null }, truncated: true) : payload;
    }

    static string Write(string kind, DateTimeOffset at, object data, bool? truncated = null) =>
        JsonSerializer.Serialize(new { type = kind, timestamp = at, data, truncated }, ContractsJson.Options);
}
