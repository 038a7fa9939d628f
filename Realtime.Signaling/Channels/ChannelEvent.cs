namespace Realtime.Signaling.Channels;

/// <summary>What a durable event of a channel tells.</summary>
public enum ChannelEventKind
{
    Created,
    Updated,
    Deleted,
}

/// <summary>One durable event of a channel, encoded once for every reader on this node.</summary>
/// <param name="MessageSeq">The place of the message it is about; of <see cref="ChannelEventKind.Created"/> its own.</param>
/// <param name="Frame">The whole hub frame as it goes to the socket.</param>
/// <param name="Payload">The part of the frame that is the event's record as JSON.</param>
public sealed record ChannelEvent(long Epoch, long Seq, ChannelEventKind Kind, long MessageSeq, ReadOnlyMemory<byte> Frame, ReadOnlyMemory<byte> Payload);
