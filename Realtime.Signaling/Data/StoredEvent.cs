using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>One event of a channel's order, read back: its record as it is told to those who missed it.</summary>
/// <param name="Record">A <see cref="Message"/> as it was written, a <see cref="MessageUpdatedEvent"/> or a <see cref="MessageDeletedEvent"/>; without text when the message was deleted since.</param>
public readonly record struct StoredEvent(long Epoch, long Seq, object Record);
