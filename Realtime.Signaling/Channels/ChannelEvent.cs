namespace Realtime.Signaling.Channels;

/// <summary>One durable event of a channel, encoded once for every reader on this node.</summary>
/// <param name="Frame">The whole hub frame, record separator included.</param>
/// <param name="Payload">The part of the frame that is the event's record as JSON.</param>
public sealed record ChannelEvent(long Epoch, long Seq, ReadOnlyMemory<byte> Frame, ReadOnlyMemory<byte> Payload);
