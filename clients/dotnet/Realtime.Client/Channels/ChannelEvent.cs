using Realtime.Contracts;

namespace Realtime.Client.Channels;

/// <summary>Something that happened in a channel.</summary>
public abstract record ChannelEvent
{
    private protected ChannelEvent()
    {
    }

    /// <summary>Its place in the channel's one order: 1, 2, 3 …; 0 for what has none (typing, read marks, members).</summary>
    public virtual long Seq => 0;
}

/// <summary>A message, in the channel's order, exactly once.</summary>
public sealed record MessageCreated(Message Message) : ChannelEvent
{
    /// <inheritdoc/>
    public override long Seq => Message.Seq;
}

/// <summary>A message says something else now. In the same one order, exactly once.</summary>
public sealed record MessageEdited(MessageUpdatedEvent Change) : ChannelEvent
{
    /// <inheritdoc/>
    public override long Seq => Change.Seq;
}

/// <summary>A message is gone. In the same one order, exactly once.</summary>
public sealed record MessageDeleted(MessageDeletedEvent Change) : ChannelEvent
{
    /// <inheritdoc/>
    public override long Seq => Change.Seq;
}

/// <summary>Somebody writes, or has stopped.</summary>
public sealed record TypingChanged(TypingEvent Typing) : ChannelEvent;

/// <summary>Somebody has read up to here.</summary>
public sealed record ReadMarkMoved(ReadMarkEvent Mark) : ChannelEvent;

/// <summary>Who is in the channel now.</summary>
public sealed record MembersChanged(IReadOnlyList<ChannelMember> Members) : ChannelEvent;

/// <summary>We were moderated here, or (to moderators) somebody was.</summary>
public sealed record SomebodyModerated(ModeratedEvent Moderated) : ChannelEvent;

/// <summary>
/// Of the events <paramref name="From"/> … <paramref name="To"/> not all were told: the messages among them follow as they stand now, or, with <paramref name="MessagesToo"/>, do not
/// (there were too many, or the channel was restored from a backup); edits and deletions among them were not told in any case.
/// </summary>
public sealed record EventsSkipped(long From, long To, bool MessagesToo) : ChannelEvent
{
    /// <summary>The channel counts anew: the next event comes after this one.</summary>
    internal long? RestartsAt { get; init; }
}
