using Realtime.Contracts;

namespace Realtime.Web.Live;

/// <summary>What is known of one replica.</summary>
/// <param name="Report">The last one; null before the first.</param>
/// <param name="Problem">Why the last look failed; null: it did not.</param>
public sealed record ReplicaState(string Name, ReplicaReport? Report, DateTimeOffset SeenAt, string? Problem);

/// <summary>The newest report of every replica. One writer, any number of readers; at most <see cref="MaxReplicas"/>.</summary>
sealed class ReplicaWatch
{
    public const int MaxReplicas = 64;

    volatile IReadOnlyList<ReplicaState> _all = [];

    public IReadOnlyList<ReplicaState> All => _all;

    public void Set(IReadOnlyList<ReplicaState> all) => _all = all;
}
