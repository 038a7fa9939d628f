using System.Globalization;
using Realtime.Contracts.MediaControl;
using Realtime.Tests.Harness;

namespace Realtime.Tests.MediaChaos;

/// <summary>How a call stands in the middle of an attack, by the node that carries it: what each link is thought to carry, who is missing, what was dropped and why.</summary>
static class BystandersNow
{
    /// <summary>Who cannot be asked is said to be so: that is no end of the run.</summary>
    public static async Task<string> AskAsync(RunningApp app, string room, int node, CancellationToken cancellation)
    {
        try
        {
            return await DescribeAsync(app, room, node, cancellation);
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
    }

    static async Task<string> DescribeAsync(RunningApp app, string room, int node, CancellationToken cancellation)
    {
        var detail = await app.GetAsync<RoomDetail>(app.SignalingFront, $"/debug/rooms/{room}", cancellation);
        var estimates = detail.Participants.Select(one => one.Statistics.Available ?? 0).Order().ToList();
        var states = detail.Participants.CountBy(static one => one.State).Select(static pair => $"{pair.Value} {pair.Key}");
        var workers = await app.WorkersAsync(node);
        return string.Create(CultureInfo.InvariantCulture,
            $"{string.Join(", ", states)} on worker {detail.Worker}; links of {estimates.FirstOrDefault() / 1000} to {estimates.LastOrDefault() / 1000} kbit/s, median {estimates.ElementAtOrDefault(estimates.Count / 2) / 1000}; ")
            + string.Join("; ", workers.Select(static worker =>
                $"worker {worker.Worker}: {worker.Rooms} rooms, {worker.Peers} peers, {worker.FaultsContained} faults, {worker.SendDrops} not sent, forwarding p99 {worker.Latency?.P99:0.0} ms, {string.Join(", ", worker.DropsByReason?.Select(static pair => $"{pair.Value} {pair.Key}") ?? [])}"));
    }
}
