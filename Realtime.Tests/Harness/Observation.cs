namespace Realtime.Tests.Harness;

/// <summary>What one client did and saw, in the order in which it did. Times are ticks of one monotonic clock for all clients.</summary>
public abstract record Observation(string Client, long At)
{
    /// <summary>About to send: from here on the message may be stored. An edit or a removal is recorded as an event of its own, see <see cref="ChangeId"/>.</summary>
    public sealed record Invoked(string Client, long At, string Channel, string ClientMessageId, string Text) : Observation(Client, At);

    /// <summary>The server promised that it is stored.</summary>
    public sealed record Acknowledged(string Client, long At, string Channel, string ClientMessageId, string Id, long Seq) : Observation(Client, At);

    /// <summary>The server promised that it is not stored.</summary>
    public sealed record Refused(string Client, long At, string Channel, string ClientMessageId, string Code) : Observation(Client, At);

    /// <summary>The client was handed a message (or a change of one), live, by resuming or by catching up.</summary>
    /// <param name="Text">Null when it was read after it had been changed.</param>
    public sealed record Received(string Client, long At, string Channel, long Epoch, long Seq, string Id, string Author, string ClientMessageId, string? Text) : Observation(Client, At);

    /// <summary>From here on the client must be handed everything after <paramref name="Seq"/>.</summary>
    public sealed record Joined(string Client, long At, string Channel, long Seq) : Observation(Client, At);

    /// <summary>It left, or was told that it may not read on: nothing more is owed to it.</summary>
    public sealed record Left(string Client, long At, string Channel) : Observation(Client, At);

    /// <summary>It may be handed the channel's messages without having joined it (a direct channel it belongs to).</summary>
    public sealed record Entitled(string Client, long At, string Channel) : Observation(Client, At);

    /// <summary>The server said openly that the client will not get these live (<c>gap</c>, <c>tooOld</c>): a hole there is no fault.</summary>
    public sealed record ToldOfGap(string Client, long At, string Channel, long From, long To) : Observation(Client, At);

    /// <summary>The client read the messages of that range as they stand: it owes itself no edits and removals there, but every message.</summary>
    public sealed record CaughtUp(string Client, long At, string Channel, long From, long To) : Observation(Client, At);

    /// <summary>A page of history: whole from after <paramref name="After"/> to its last message (or the end, when <paramref name="IsLast"/>).</summary>
    /// <param name="AskedAt">What was acknowledged before this must be in it.</param>
    public sealed record ReadHistory(string Client, long At, long AskedAt, string Channel, long After, bool IsLast, IReadOnlyList<Received> Messages) : Observation(Client, At);

    /// <summary>Connected, and welcomed.</summary>
    public sealed record CameOnline(string Client, long At) : Observation(Client, At);

    /// <summary>Killed for good, or closed: it is nowhere any more.</summary>
    public sealed record Died(string Client, long At) : Observation(Client, At);

    /// <summary>Another member left the channel, as this client saw it.</summary>
    public sealed record SawLeave(string Client, long At, string Channel, string User) : Observation(Client, At);

    /// <summary>A list of the users who are somewhere: members of a channel, people online, participants of a room.</summary>
    /// <param name="What"><c>members</c>, <c>presence</c> or <c>rooms</c>.</param>
    /// <param name="Channel">Whose list; empty for those that belong to no channel.</param>
    public sealed record Listed(string Client, long At, string What, string Channel, IReadOnlySet<string> Users) : Observation(Client, At);

    /// <summary>A moderator was told that this user is out of the channel.</summary>
    public sealed record PutOut(string Client, long At, string Channel, string User) : Observation(Client, At);

    /// <summary>A moderator is about to let the user in again.</summary>
    public sealed record LetIn(string Client, long At, string Channel, string User) : Observation(Client, At);

    /// <summary>The last fault is over: everything runs, nothing is in the way.</summary>
    public sealed record Healed(long At) : Observation("", At);
}
