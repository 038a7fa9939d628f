using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Web.Operations;

namespace Realtime.Web.Live;

/// <summary>Asks every replica that the feed names for its report, once a second, side by side; one that is gone is kept for a minute, as what it was.</summary>
sealed class ReplicaReader(SignalingClient signaling, AdminFeed feed, ReplicaWatch watch, LoadHistory history, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromSeconds(1), "console.replicas")
{
    static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    protected override async Task TickAsync(CancellationToken stopping)
    {
        var known = watch.All.ToDictionary(static one => one.Name, StringComparer.Ordinal);
        var named = feed.Current.Snapshot?.Replicas ?? [];
        var now = Time.GetUtcNow();
        var names = named.Concat(known.Values.Where(one => now - one.SeenAt < Kept).Select(static one => one.Name)).Distinct(StringComparer.Ordinal).Take(ReplicaWatch.MaxReplicas);
        var all = await Task.WhenAll(names.Order(StringComparer.Ordinal).Select(name => AskAsync(name, known.GetValueOrDefault(name), stopping)));
        watch.Set(all);
        history.Add(Time.GetUtcNow(), all, feed.Current.Snapshot?.Nodes ?? []);
    }

    async Task<ReplicaState> AskAsync(string name, ReplicaState? before, CancellationToken stopping)
    {
        var answer = await signaling.GetAsync<ReplicaReport>($"/api/admin/replica?replica={Uri.EscapeDataString(name)}", stopping);
        var now = Time.GetUtcNow();
        return answer.HasValue ? new ReplicaState(name, answer.Value, now, null) : new ReplicaState(name, before?.Report, before?.SeenAt ?? now, answer.Problem);
    }
}
