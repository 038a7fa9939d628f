namespace Realtime.Contracts;

/// <summary>The kinds of webhook events. An endpoint asks for exact kinds or for prefixes ending in <c>*</c>.</summary>
public static class WebhookKind
{
    public const string MessageCreated = "message.created";
    public const string MessageUpdated = "message.updated";
    public const string MessageDeleted = "message.deleted";
    /// <summary>Followed by one of <see cref="ModerationAction"/>: somebody was kicked, banned, unbanned or timed out; the data is a <see cref="ModeratedEvent"/>.</summary>
    public const string ModerationPrefix = "moderation.";
    /// <summary>Sent by <c>POST /api/webhooks/{id}/test</c>, whatever the endpoint asks for.</summary>
    public const string Ping = "webhook.ping";
}

/// <summary>The states of a delivery.</summary>
public static class DeliveryState
{
    public const string Pending = "pending";
    public const string Claimed = "claimed";
    public const string Delivered = "delivered";
    /// <summary>Given up; <c>replay</c> makes it pending again.</summary>
    public const string Dead = "dead";
}

/// <summary>Body of <c>POST /api/webhooks</c>, and of <c>PATCH</c>, where what is absent stays.</summary>
/// <param name="Kinds">Absent: all.</param>
/// <param name="Channels">Patterns; absent: all but direct ones, which only a pattern beginning with <c>dm:</c> asks for.</param>
public sealed record WebhookRequest(
    string? Url = null, IReadOnlyList<string>? Kinds = null, IReadOnlyList<string>? Channels = null, string? Description = null, bool? Enabled = null);

/// <summary>A webhook endpoint. Its secrets are told once, when they are made.</summary>
/// <param name="Secrets">How many sign: two while they rotate.</param>
/// <param name="DisabledBecause">Set when we disabled it: <c>gone</c> (it answered 410), <c>backlog</c>.</param>
/// <param name="Waiting">Deliveries still to be made.</param>
public sealed record WebhookInfo(
    string Id, string Url, string Description, IReadOnlyList<string> Kinds, IReadOnlyList<string> Channels, bool Enabled, string? DisabledBecause, int Secrets,
    string CreatedBy, DateTimeOffset CreatedAt, long Waiting, long Dead);

/// <param name="Secret"><c>whsec_…</c>; not told again.</param>
public sealed record WebhookSecret(WebhookInfo Webhook, string Secret);

/// <summary>One event on its way to one endpoint.</summary>
/// <param name="Event">The <c>webhook-id</c>: the same for all endpoints and attempts.</param>
/// <param name="State">One of <see cref="DeliveryState"/>.</param>
/// <param name="Crashes">Attempts that ended with the process that made them.</param>
/// <param name="Status">The last answer's.</param>
public sealed record DeliveryInfo(
    long Id, string Endpoint, string Event, string Kind, string? Channel, string State, int Attempts, int Crashes, int? Status, string? Error,
    DateTimeOffset CreatedAt, DateTimeOffset? NextAt, DateTimeOffset? FinishedAt);

/// <summary>The answer to a replay.</summary>
public sealed record ReplayResult(long Replayed);
