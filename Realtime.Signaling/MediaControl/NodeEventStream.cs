using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Hears one media node: its event stream, for ever. The stream is also the failure detector: when it breaks or falls silent it is opened
/// anew at once, and only when that fails too is the node lost (so a replica that itself was asleep does not blame the node).
/// </summary>
public sealed partial class NodeEventStream(
    MediaNode node, NodeDirectory directory, RoomEventRouter router, RoomMover mover, LeaseKeeper leases, IOptions<MediaControlOptions> options, Supervisor supervisor, ILogger<NodeEventStream> log)
    : SupervisedService(supervisor, $"media.events.{node.Node}")
{
    /// <summary>One line; a snapshot of a full node is the longest.</summary>
    const int MaxLineBytes = 32 << 20;

    static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        var retry = TimeSpan.Zero;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using var response = await node.OpenEventsAsync(retry == FirstRetry ? options.Value.ReopenTimeout : options.Value.CommandTimeout, stopping);
                retry = TimeSpan.Zero;
                await ReadAsync(await response.Content.ReadAsStreamAsync(stopping), stopping);
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested && failure is HttpRequestException or IOException or JsonException or OperationCanceledException or InvalidDataException)
            {
                if (retry > TimeSpan.Zero)
                    Lose(failure);
                else
                    LogBroken(node.Node, failure.Message);
                await Task.Delay(retry, Time, stopping);
                retry = retry == TimeSpan.Zero ? FirstRetry : retry * 2 > LongestRetry ? LongestRetry : retry * 2;
            }
        }
    }

    void Lose(Exception failure)
    {
        if (!directory.Lose(node.Node))
            return;
        ActionLog.Record("media.node", "lost", detail: node.Node);
        LogLost(node.Node, failure.Message);
        mover.MoveAwayFrom(node.Node);
    }

    async Task ReadAsync(Stream stream, CancellationToken stopping)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: false));
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var expected = 1L;
        try
        {
            while (true)
            {
                silence.CancelAfter(options.Value.HeartbeatTimeout);
                var read = await reader.ReadAsync(silence.Token);
                var buffer = read.Buffer;
                while (TryReadLine(ref buffer, out var line))
                    Take(line, expected++);
                if (buffer.Length > MaxLineBytes)
                    throw new InvalidDataException($"{node.Node} sent a line of more than {MaxLineBytes} bytes.");
                reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                    throw new IOException($"{node.Node} ended its event stream.");
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    static bool TryReadLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    void Take(ReadOnlySequence<byte> line, long expected)
    {
        var json = new Utf8JsonReader(line);
        var message = JsonSerializer.Deserialize<MediaEvent>(ref json, ContractsJson.Options) ?? throw new InvalidDataException($"{node.Node} sent an empty event.");
        if (message.Seq != expected)
            throw new InvalidDataException($"{node.Node} sent event {message.Seq} where {expected} was due.");
        var (news, rebooted) = directory.Apply(node.Node, message);
        foreach (var fact in news)
        {
            router.Route(fact);
            if (fact is not RoomClosedEvent)
                mover.Seen(fact.Room, fact.Epoch);
        }
        switch (message)
        {
            case SnapshotEvent { Snapshot: var snapshot }:
                LogHeard(node.Node, snapshot.Boot, snapshot.Rooms.Count);
                leases.Ask(node.Node);
                break;
            case HeartbeatEvent { Load.Fence: not 0 }:
                leases.Ask(node.Node);
                break;
        }
        // Again with each heartbeat of a drain: what could not be moved the last time, and who has come meanwhile.
        if (rebooted || (message is HeartbeatEvent or SnapshotEvent && directory.IsDraining(node.Node)))
            mover.MoveAwayFrom(node.Node);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Media node {Node} heard (boot {Boot}, {Rooms} rooms)")]
    partial void LogHeard(string node, string boot, int rooms);

    [LoggerMessage(Level = LogLevel.Information, Message = "The event stream of {Node} broke: {Reason}; opening it anew")]
    partial void LogBroken(string node, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Media node {Node} is lost: {Reason}; its rooms are moved")]
    partial void LogLost(string node, string reason);
}
