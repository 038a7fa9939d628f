using System.Collections.Concurrent;
using System.Diagnostics;

namespace Realtime.Tests.Harness;

/// <summary>What one client did and saw, in the order in which it did. Times are ticks of one monotonic clock for all clients.</summary>
public abstract record Observation(string Client, long At)
{
    /// <summary>About to send: from here on the message may be stored.</summary>
    public sealed record Invoked(string Client, long At, string Channel, string ClientMessageId, string Text) : Observation(Client, At);

    /// <summary>The server promised that it is stored.</summary>
    public sealed record Acknowledged(string Client, long At, string Channel, string ClientMessageId, string Id, long Seq) : Observation(Client, At);

    /// <summary>The server promised that it is not stored.</summary>
    public sealed record Refused(string Client, long At, string Channel, string ClientMessageId, string Code) : Observation(Client, At);

    /// <summary>The client was handed a message, live, by resuming or by catching up.</summary>
    public sealed record Received(string Client, long At, string Channel, long Epoch, long Seq, string Id, string Author, string ClientMessageId, string Text) : Observation(Client, At);

    /// <summary>From here on the client must be handed everything after <paramref name="Seq"/>.</summary>
    public sealed record Joined(string Client, long At, string Channel, long Seq) : Observation(Client, At);

    /// <summary>The server said openly that the client will not get these live (<c>gap</c>, <c>tooOld</c>): a hole there is no fault.</summary>
    public sealed record ToldOfGap(string Client, long At, string Channel, long From, long To) : Observation(Client, At);

    /// <summary>Another member left the channel, as this client saw it.</summary>
    public sealed record SawLeave(string Client, long At, string Channel, string User) : Observation(Client, At);
}

/// <summary>The record of a run, kept by all its clients.</summary>
public sealed class History
{
    readonly ConcurrentQueue<Observation> _observations = new();

    public IReadOnlyList<Observation> Observations => [.. _observations];

    public static long Now => Stopwatch.GetTimestamp();

    public void Add(Observation observation) => _observations.Enqueue(observation);
}
