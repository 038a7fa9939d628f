using Realtime.Contracts;

namespace Realtime.Web.Live;

/// <summary>What is known of the running system at one moment, and how fresh that is. Immutable.</summary>
/// <param name="Version">Rises with every change.</param>
/// <param name="Snapshot">The last one that arrived; null before the first.</param>
/// <param name="Problem">Why nothing arrives, in words; null while the feed flows or is being opened for the first time.</param>
public sealed record FeedState(long Version, AdminSnapshot? Snapshot, DateTimeOffset? ReceivedAt, string? Problem)
{
    public static FeedState Nothing { get; } = new(0, null, null, null);
}
