using System.Collections.Concurrent;
using System.Globalization;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;

namespace Realtime.Signaling.Admin;

/// <summary>
/// Brings the media nodes' crash reports to Postgres: they have no database, and an operator looks in one place. Twice a minute, by every replica; a report is stored once, whoever brings it. What
/// is older than a day when this replica starts was brought by others, or stays on the node's disk.
/// </summary>
public sealed class NodeCrashes(MediaNodes nodes, CrashReportStore store, Migrator migrator, Supervisor supervisor) : SupervisedTicker(supervisor, TimeSpan.FromSeconds(30), "admin.nodeCrashes")
{
    const int PagesAtMost = 20;

    readonly ConcurrentDictionary<string, string> _read = new(StringComparer.Ordinal);

    protected override async Task TickAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        // Side by side, so that a dead node delays only itself.
        await Task.WhenAll(nodes.All.Select(node => RunItemAsync("collect", token => CollectAsync(node, token), stopping)));
    }

    internal async Task CollectAsync(MediaNode node, CancellationToken stopping)
    {
        var after = _read.GetOrAdd(node.Node, _ => $"crash-{Time.GetUtcNow().AddDays(-1).UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}");
        try
        {
            for (var i = 0; i < PagesAtMost; i++)
            {
                var page = await node.CrashesAsync(after, stopping);
                foreach (var report in page.Reports)
                    await store.StoreAsync(report, stopping);
                if (page.Next == after)
                    return;
                after = _read[node.Node] = page.Next;
            }
        }
        catch (Exception failure) when (failure is RealtimeException or Npgsql.NpgsqlException)
        {
            // The node or the database is away; the next round goes on from here.
            ActionLog.RecordVerbose(Name, "later", detail: node.Node);
        }
    }
}
