namespace Realtime.Contracts;

public sealed record EditMessageRequest(string? Channel, string? Id, string? Text);

/// <param name="Reason">For moderators who remove somebody else's message: kept in the audit log and told to the channel.</param>
public sealed record DeleteMessageRequest(string? Channel, string? Id, string? Reason = null);

/// <summary>The answer to <c>EditMessage</c> and <c>DeleteMessage</c>: the place of the change in the channel's order.</summary>
public sealed record ChangeMessageResult(long Seq);

/// <param name="Seq">The place of the change itself; <see cref="MessageSeq"/> is that of the message.</param>
/// <param name="Deleted">Set when it is told late and the message was removed since: the text is gone, its place stays.</param>
public sealed record MessageUpdatedEvent(
    string Channel, long Epoch, long Seq, string Id, long MessageSeq, string Text, string EditedBy, DateTimeOffset EditedAt, bool? Deleted = null);

/// <param name="Seq">The place of the change itself; <see cref="MessageSeq"/> is that of the message.</param>
/// <param name="Reason">Set when a moderator removed it.</param>
public sealed record MessageDeletedEvent(string Channel, long Epoch, long Seq, string Id, long MessageSeq, string DeletedBy, DateTimeOffset DeletedAt, string? Reason = null);
