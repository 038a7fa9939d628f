using System.Collections.Concurrent;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Tells a node that was away (it slept, or its stream was broken) which of its rooms live elsewhere by now, so that it closes its copies; one that slept forwards nothing before it
/// has been told. Every replica looks; being told twice does no harm. While Postgres is away nothing moves, so what the other nodes say is the truth.
/// </summary>
public sealed partial class LeaseKeeper(NodeDirectory directory, MediaNodes nodes, IPlacementStore placements, Supervisor supervisor, ILogger<LeaseKeeper> log)
    : SupervisedService(supervisor, "media.leases")
{
    readonly ConcurrentDictionary<string, byte> _wanted = new(StringComparer.Ordinal);
    readonly SemaphoreSlim _wake = new(0);

    /// <summary>A node that goes on being fenced asks again with its next heartbeat.</summary>
    public void Ask(string node)
    {
        if (_wanted.TryAdd(node, 0))
            _wake.Release();
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (true)
        {
            await _wake.WaitAsync(stopping);
            foreach (var node in _wanted.Keys)
            {
                _wanted.TryRemove(node, out _);
                await RunItemAsync("renew", token => RenewAsync(node, token), stopping);
            }
        }
    }

    async Task RenewAsync(string node, CancellationToken cancellation)
    {
        var (fence, rooms) = directory.Lease(node);
        var superseded = await SupersededAsync(node, rooms, cancellation);
        if (superseded.Count == 0 && fence == 0)
            return;
        try
        {
            await nodes[node].RenewAsync(new RenewCommand(Guid.CreateVersion7().ToString(), fence, superseded), cancellation);
            ActionLog.Record(Name, "renewed", detail: node);
            LogRenewed(node, fence, rooms.Count, superseded.Count);
        }
        catch (RealtimeException refused)
        {
            // It is gone again, or says so with its next heartbeat.
            ActionLog.RecordVerbose(Name, "notRenewed", detail: refused.Error.Code);
        }
    }

    async Task<IReadOnlyList<RoomEpoch>> SupersededAsync(string node, IReadOnlyList<RoomEpoch> rooms, CancellationToken cancellation)
    {
        if (rooms.Count == 0)
            return [];
        IReadOnlyDictionary<string, long> epochs;
        try
        {
            epochs = await placements.EpochsAsync([.. rooms.Select(static each => each.Room)], cancellation);
        }
        catch (RealtimeException)
        {
            epochs = new Dictionary<string, long>(StringComparer.Ordinal);
        }
        var superseded = new List<RoomEpoch>();
        foreach (var (room, epoch) in rooms)
        {
            var known = Math.Max(epochs.GetValueOrDefault(room), directory.Live(room) is { } live && live.Node != node ? live.Epoch : 0);
            if (known > epoch)
                superseded.Add(new RoomEpoch(room, known));
        }
        return superseded;
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Media node {Node} (fence {Fence}) keeps its {Rooms} rooms but {Superseded}")]
    partial void LogRenewed(string node, long fence, int rooms, int superseded);
}
