using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>A user under chaos. Every call records itself; none fails for what faults do, and each returns when its outcome is known or the user is no more.</summary>
interface IChaosClient : IAsyncDisposable
{
    /// <summary>The user, and the name in the history.</summary>
    string User { get; }

    /// <summary>The way to the servers, to break.</summary>
    IReadOnlyList<FaultProxy> Links { get; }

    bool IsDead { get; }

    Task JoinAsync(string channel, CancellationToken cancellation);

    Task LeaveAsync(string channel, CancellationToken cancellation);

    Task SendAsync(string channel, string text, CancellationToken cancellation);

    Task ReadAsync(string channel, long after, CancellationToken cancellation);

    Task EditAsync(string channel, string message, string text, CancellationToken cancellation);

    Task RemoveAsync(string channel, string message, CancellationToken cancellation);

    /// <summary>The network is back: do not wait for the backoff.</summary>
    void NetworkIsBack();
}
