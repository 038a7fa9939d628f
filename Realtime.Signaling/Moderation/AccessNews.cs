using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Realtime.Contracts;

namespace Realtime.Signaling.Moderation;

/// <summary>
/// The payload of the outbox kind <see cref="Kind"/>: something changed about who may what in the channel that is the entry's key; its number is the channel's last event at that moment.
/// </summary>
/// <param name="Action">One of <see cref="ModerationAction"/>, or <see cref="Members"/>, <see cref="Channel"/>.</param>
/// <param name="User">Whom it concerns; null: everybody.</param>
public sealed record AccessNews(string Action, string? User = null, string? By = null, string? Reason = null, DateTimeOffset? Until = null)
{
    public const string Kind = "access";

    /// <summary>A role was given or taken.</summary>
    public const string Members = "members";

    /// <summary>The channel was made, changed or deleted.</summary>
    public const string Channel = "channel";

    /// <summary>Whether the membership of the user's sessions ends.</summary>
    [JsonIgnore]
    public bool Removes => Action is ModerationAction.Kick or ModerationAction.Ban;

    /// <summary>Whether the one concerned and the channel's moderators are told.</summary>
    [JsonIgnore]
    public bool IsModeration => Action is ModerationAction.Kick or ModerationAction.Ban or ModerationAction.Unban or ModerationAction.TimeOut or ModerationAction.RemoveMessage;

    public ModeratedEvent ToEvent(string channel) => new(channel, User ?? "", Action, By ?? "", Reason, Until);

    public static bool TryRead(string? payload, [NotNullWhen(true)] out AccessNews? news)
    {
        news = null;
        try
        {
            news = payload is null ? null : JsonSerializer.Deserialize<AccessNews>(payload, ContractsJson.Options);
        }
        catch (JsonException)
        {
            return false;
        }
        return news?.Action is not null;
    }
}
