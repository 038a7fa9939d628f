using Realtime.Contracts;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Webhooks;

/// <summary>Where events are sent, and which.</summary>
/// <param name="Secrets">Closed (<see cref="Auth.SecretBox"/>), the newest first.</param>
public sealed record WebhookEndpoint(
    string Id, string Url, string Description, IReadOnlyList<string> Kinds, IReadOnlyList<string> Channels, IReadOnlyList<string> Secrets, bool Enabled, string? DisabledBecause,
    string CreatedBy, DateTimeOffset CreatedAt)
{
    public const int MaxSecrets = 2;
    public const int MaxPatterns = 50;
    public const int MaxPatternLength = 64;
    public const int MaxDescriptionLength = 200;

    /// <summary>It answered 410.</summary>
    public const string Gone = "gone";
    /// <summary>More waits for it than may.</summary>
    public const string Backlog = "backlog";

    public bool Wants(string kind, string channel) => Matches(Kinds, kind) && WantsFrom(channel);

    /// <summary>Whether anything of this channel can be for it. What people say to each other directly is for nobody who did not ask for just that.</summary>
    public bool WantsFrom(string channel) => DirectName.IsReserved(channel) ? Matches([.. Channels.Where(DirectName.IsReserved)], channel) : Matches(Channels, channel);

    static bool Matches(IReadOnlyList<string> patterns, string name) =>
        patterns.Any(pattern => pattern.EndsWith('*') ? name.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : pattern == name);

    /// <summary>Null when the request can be stored, otherwise what is wrong with it. The URL is looked at elsewhere.</summary>
    public static RealtimeError? Check(WebhookRequest request)
    {
        if (request.Kinds is { } kinds && (kinds.Count is 0 or > MaxPatterns || !kinds.All(IsPattern)))
            return new(ErrorCode.Invalid, $"1 to {MaxPatterns} kinds or prefixes ending in *.", "kinds");
        if (request.Channels is { } channels && (channels.Count is 0 or > MaxPatterns || !channels.All(IsPattern)))
            return new(ErrorCode.Invalid, $"1 to {MaxPatterns} channels or prefixes ending in *.", "channels");
        if (request.Description is { } description && (description.Length > MaxDescriptionLength || description.Any(char.IsControl)))
            return new(ErrorCode.Invalid, $"At most {MaxDescriptionLength} printable characters.", "description");
        return null;
    }

    static bool IsPattern(string? pattern) => pattern is { Length: > 0 and <= MaxPatternLength } && !pattern.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c));
}
