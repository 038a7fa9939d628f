using Realtime.Contracts;
using Realtime.Signaling.Access;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Sessions;

/// <summary>What a message says of others: whom it mentions can see it, what it answers is there.</summary>
public sealed class MessageChecks(ChannelAccess access, MessageStore messages, TimeProvider time)
{
    /// <summary>
    /// Null: it may be stored. Otherwise what is stored under its id already: the world may have changed since the first attempt (the answered message was deleted), and a retry must
    /// not be told that its message is not there.
    /// </summary>
    /// <param name="clean">As the rules left it.</param>
    /// <exception cref="RealtimeException"><c>invalid</c>, naming the field.</exception>
    public async Task<Appended?> CheckAsync(string author, SendMessageRequest clean)
    {
        if (clean.Mentions is null && clean.ReplyTo is null)
            return null;
        var refusal = await UnreachableAsync(clean) is { } user ? Invalid("mentions", $"{user} is not in this channel.")
            : clean.ReplyTo is { } replyTo && !await messages.StandsAsync(clean.Channel!, replyTo, CancellationToken.None) ? Invalid("replyTo", "The channel has no such message, or not any more.")
            : null;
        if (refusal is null)
            return null;
        return await messages.FindAsync(clean.Channel!, author, clean.ClientMessageId!, CancellationToken.None) ?? throw new RealtimeException(refusal);
    }

    async Task<string?> UnreachableAsync(SendMessageRequest clean)
    {
        foreach (var user in clean.Mentions ?? [])
        {
            var (policy, standing) = await access.LookAsync(clean.Channel!, user, CancellationToken.None);
            if (!AccessRules.Reaches(policy, standing, time.GetUtcNow()))
                return user;
        }
        return null;
    }

    static RealtimeError Invalid(string field, string message) => new(ErrorCode.Invalid, message, field);
}
