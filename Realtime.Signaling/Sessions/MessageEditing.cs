using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Sessions;

/// <summary>Edits and deletions: authors change what they wrote, moderators remove what others wrote and say why. Throws <see cref="RealtimeException"/> for every refusal.</summary>
public sealed class MessageEditing(MessageChanger changer, ChannelAccess access, TimeProvider time)
{
    long _edited;
    long _deleted;

    /// <summary>Since the start.</summary>
    public long Edited => Volatile.Read(ref _edited);
    public long Deleted => Volatile.Read(ref _deleted);

    public async Task<ChangeMessageResult> EditAsync(UserToken author, EditMessageRequest request)
    {
        if (MessageRules.Check(request) is { } refusal)
            throw new RealtimeException(refusal);
        var channel = request.Channel!;
        await access.RequireWriteAsync(author, channel, CancellationToken.None);
        var changed = await ChangeAsync(new MessageChange(channel, MessageChangeKind.Updated, request.Id!, author.User, Now, Text: TextRules.Clean(request.Text!)));
        Interlocked.Increment(ref _edited);
        return new ChangeMessageResult(changed.Seq);
    }

    public async Task<ChangeMessageResult> DeleteAsync(UserToken actor, DeleteMessageRequest request)
    {
        if (MessageRules.Check(request) is { } refusal)
            throw new RealtimeException(refusal);
        var channel = request.Channel!;
        // Whoever may not write for a while may still take back what he wrote.
        var moderates = await access.ModerateVerdictAsync(actor, channel, CancellationToken.None) == AccessVerdict.Allowed;
        if (!moderates)
            await access.RequireReadAsync(actor, channel, CancellationToken.None);
        var change = new MessageChange(
            channel, MessageChangeKind.Deleted, request.Id!, actor.User, Now, AsModerator: moderates, Reason: MessageRules.ReasonOf(request.Reason));
        var changed = await ChangeAsync(change);
        Interlocked.Increment(ref _deleted);
        if (changed.Outcome == ChangeOutcome.Done && changed.Author != actor.User)
            Removed(change, changed);
        return new ChangeMessageResult(changed.Seq);
    }

    /// <summary>A moderator removed what somebody else wrote.</summary>
    static void Removed(MessageChange change, Changed changed) =>
        ActionLog.Record("moderation", ModerationAction.RemoveMessage, change.Actor, change.Channel, $"{changed.Author}/{changed.MessageSeq}");

    async Task<Changed> ChangeAsync(MessageChange change)
    {
        var changed = await changer.ChangeAsync(change);
        return changed.Outcome switch
        {
            ChangeOutcome.Done or ChangeOutcome.Same => changed,
            ChangeOutcome.NotFound => throw Refused(ErrorCode.NotFound, "The channel has no such message.", "id"),
            ChangeOutcome.Gone => throw Refused(ErrorCode.NotFound, "That message was deleted.", "id"),
            ChangeOutcome.Empty => throw Refused(ErrorCode.Invalid, "A message has a text or attachments", "text"),
            ChangeOutcome.ReasonNeeded => throw Refused(ErrorCode.Invalid, "Say why you remove what somebody else wrote.", "reason"),
            _ => throw Refused(ErrorCode.Forbidden, change.Kind == MessageChangeKind.Updated ? "Only its author edits a message." : "Only its author or a moderator deletes a message.", "id"),
        };
    }

    /// <summary>Whole milliseconds: what Postgres gives back is then what the event said.</summary>
    DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    static RealtimeException Refused(string code, string message, string field) => new(new(code, message, field));
}
