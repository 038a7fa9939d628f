namespace Realtime.Tests.Harness;

/// <summary>What a run must not show.</summary>
public enum Anomaly
{
    /// <summary>An acknowledged message that a member never got, or that history does not have.</summary>
    LostAcknowledged,
    /// <summary>One (channel, epoch, seq) with two messages, or one message with two places.</summary>
    Divergence,
    /// <summary>A message that was received although its send was refused, or that nobody sent.</summary>
    AbortedRead,
    /// <summary>A message handed to a client twice.</summary>
    Duplicate,
    /// <summary>A message handed to a client after a later one.</summary>
    OrderInversion,
    /// <summary>A message skipped without a word.</summary>
    Gap,
    /// <summary>A message acknowledged before another was sent stands behind it.</summary>
    RealTimeOrder,
    /// <summary>One clientMessageId of one author stored more than once.</summary>
    StoredTwice,
    /// <summary>The acknowledgement names another place than the message has.</summary>
    WrongAcknowledgement,
    /// <summary>A member got an acknowledged message, but not within 5 s of the end of all faults; or did not come back at all.</summary>
    Unseen,
    /// <summary>Somebody was handed a message of a channel that was none of their business, or no longer.</summary>
    Unauthorised,
    /// <summary>Somebody dead is still listed 30 s after.</summary>
    Ghost,
    /// <summary>Somebody who lives and is connected is not listed.</summary>
    Missing,
    /// <summary>Somebody felt a fault that was not theirs, or a fault was not explained.</summary>
    Disturbed,
}

/// <summary>One anomaly and where it was seen.</summary>
public sealed record Violation(Anomaly Anomaly, string What)
{
    public override string ToString() => $"{Anomaly}: {What}";
}
