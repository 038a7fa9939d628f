namespace Realtime.Signaling.Rooms;

/// <summary>A participant who is to leave and whose node has not said yet that it did.</summary>
/// <param name="Id">Of the command: the node answers a repetition with its first answer.</param>
/// <param name="Attempts">Replicas that took it up.</param>
public sealed record PendingLeave(string Id, Placement Placement, string Participant, string Reason, int Attempts = 1);

/// <summary>Where leaves are kept until they are acknowledged, so that they outlive the replica that owes them.</summary>
public interface IPendingLeaves
{
    Task AddAsync(IReadOnlyList<PendingLeave> leaves, DateTimeOffset now, DateTimeOffset leaseEnds, CancellationToken cancellation);

    /// <summary>Acknowledged, or given up.</summary>
    Task RemoveAsync(IReadOnlyList<string> ids, CancellationToken cancellation);

    /// <summary>Those whose owner has not been heard of within its lease; from now on they are the caller's, for another lease.</summary>
    Task<IReadOnlyList<PendingLeave>> TakeStuckAsync(DateTimeOffset now, DateTimeOffset leaseEnds, int most, CancellationToken cancellation);
}
