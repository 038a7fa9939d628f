using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>
/// A circuit per peer transport (design §4), kept by room and user so that it outlives the connection that failed: five failures in a row open it, for 30 s that user's
/// joins and offers there are refused, then three are tried, and three successes close it. Made with the first failure: who is well has none. One worker's, on its
/// thread; the registry shows and resets them.
/// </summary>
/// <param name="capacity">Kept at once; beyond it the one that failed longest ago is forgotten.</param>
sealed class TransportCircuits(CircuitRegistry registry, int capacity = TransportCircuits.Capacity)
{
    public const int Capacity = 1024;

    /// <summary>The names in the registry.</summary>
    public const string Prefix = "peer:";

    /// <summary>While half-open; more than that were given up.</summary>
    const int MaxTrials = 3;

    const int LeastRetryMs = 1000;

    readonly Dictionary<(string Room, string User), Entry> circuits = [];

    /// <summary>Who failed longest ago first.</summary>
    readonly LinkedList<(string Room, string User)> byFailure = new();

    sealed class Entry(CircuitBreaker circuit, LinkedListNode<(string Room, string User)> place)
    {
        public CircuitBreaker Circuit { get; } = circuit;

        public LinkedListNode<(string Room, string User)> Place { get; } = place;

        /// <summary>Of a join or an offer that was let in to try: its verdict is whether it connects.</summary>
        public Queue<CircuitTicket> Trials { get; } = new();
    }

    /// <summary>Null: it never failed.</summary>
    public CircuitBreaker? Find(string room, string user) => circuits.Count > 0 && circuits.TryGetValue((room, user), out var entry) ? entry.Circuit : null;

    /// <summary>Why a join or an offer of this user is refused here, if it is.</summary>
    public RealtimeError? Check(string room, string user)
    {
        if (circuits.Count == 0 || !circuits.TryGetValue((room, user), out var entry) || entry.Circuit.State == CircuitState.Closed) return null;
        if (entry.Circuit.TryEnter(out var ticket))
        {
            entry.Trials.Enqueue(ticket);
            if (entry.Trials.Count > MaxTrials) entry.Trials.Dequeue();
            return null;
        }

        return new RealtimeError(
            ErrorCode.Unavailable, "This user's connections to the room failed again and again.",
            RetryAfterMs: Math.Max(LeastRetryMs, (int)entry.Circuit.RetryAfter.TotalMilliseconds), Scope: "transport");
    }

    /// <summary>True: it opened with this.</summary>
    public bool Failed(string room, string user, TransportFault fault)
    {
        var entry = GetOrMake(room, user);
        byFailure.Remove(entry.Place);
        byFailure.AddLast(entry.Place);
        if (entry.Circuit.State == CircuitState.Open || !TryTicket(entry, out var ticket)) return false;
        entry.Circuit.Failure(ticket, TransportFaults.Names[(int)fault]);
        return entry.Circuit.State == CircuitState.Open;
    }

    /// <summary>It works. True: so well that its circuit is closed, as it is of those who never failed.</summary>
    public bool Succeeded(string room, string user)
    {
        if (circuits.Count == 0 || !circuits.TryGetValue((room, user), out var entry)) return true;
        if (entry.Circuit.State != CircuitState.Open && TryTicket(entry, out var ticket)) entry.Circuit.Success(ticket);
        return entry.Circuit.State == CircuitState.Closed;
    }

    static bool TryTicket(Entry entry, out CircuitTicket ticket) => entry.Trials.TryDequeue(out ticket) || entry.Circuit.TryEnter(out ticket);

    Entry GetOrMake(string room, string user)
    {
        var key = (room, user);
        if (circuits.TryGetValue(key, out var known)) return known;
        if (circuits.Count >= capacity)
        {
            circuits.Remove(byFailure.First!.Value, out var oldest);
            byFailure.RemoveFirst();
            registry.Remove(oldest!.Circuit.Name);
        }

        var made = new Entry(registry.Get(new CircuitBreakerOptions($"{Prefix}{room}/{user}")), byFailure.AddLast(key));
        circuits.Add(key, made);
        return made;
    }
}
