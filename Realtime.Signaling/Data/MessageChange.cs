namespace Realtime.Signaling.Data;

/// <summary>What can happen to a message, as <c>message_changes.kind</c> names it.</summary>
public static class MessageChangeKind
{
    public const string Updated = "updated";
    public const string Deleted = "deleted";
}

/// <summary>A change somebody wants to make.</summary>
/// <param name="Kind">One of <see cref="MessageChangeKind"/>.</param>
/// <param name="AsModerator">The actor may delete what others wrote.</param>
/// <param name="Reason">Needed for that.</param>
public sealed record MessageChange(string Channel, string Kind, string Id, string Actor, DateTimeOffset At, bool AsModerator = false, string? Text = null, string? Reason = null);

/// <summary>What came of a change.</summary>
public enum ChangeOutcome
{
    Done,
    /// <summary>It was so already: <see cref="Changed.Seq"/> is where it became so.</summary>
    Same,
    /// <summary>The channel has no such message.</summary>
    NotFound,
    /// <summary>Somebody else wrote it.</summary>
    Forbidden,
    /// <summary>It was deleted before.</summary>
    Gone,
    /// <summary>A message without attachments must say something.</summary>
    Empty,
    /// <summary>Whoever removes what another wrote says why.</summary>
    ReasonNeeded,
}

/// <param name="Seq">The place of the change.</param>
/// <param name="MessageSeq">The place of the message.</param>
public readonly record struct Changed(ChangeOutcome Outcome, long Seq, long Epoch, long MessageSeq, string? Author);
