using System.Collections.Concurrent;
using System.Diagnostics;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.Telemetry;

namespace Realtime.Media.Control;

/// <summary>
/// The part of a join that nobody waits for: <c>peer.connect</c>, from the command that brought the peer to the end of its DTLS handshake, in the trace of the call that asked
/// for it. Costs nothing while nobody listens; at most <see cref="MaxWaiting"/> joins are followed, of more the trace ends with its command.
/// </summary>
public sealed class JoinTraces
{
    public const int MaxWaiting = 4096;

    static readonly string Connecting = nameof(Peers.PeerState.Connecting).ToLowerInvariant();
    static readonly string Connected = nameof(Peers.PeerState.Connected).ToLowerInvariant();

    readonly ConcurrentDictionary<(string Room, long Epoch, string Participant), Activity> waiting = new();

    internal int Waiting => waiting.Count;

    /// <summary>On the way of the command, inside its span.</summary>
    public void Begin(string room, long epoch, string participant)
    {
        var source = RealtimeTelemetry.Media.Activities;
        if (!source.HasListeners() || waiting.Count >= MaxWaiting || Activity.Current is not { } command) return;
        // It outlives the command: not to be current while that goes on.
        var span = source.CreateActivity("peer.connect", ActivityKind.Internal, command.Context, [new("realtime.room", room), new("realtime.participant", participant)]);
        if (span is null) return;
        span.Start();
        Activity.Current = command;
        if (!waiting.TryAdd((room, epoch, participant), span)) span.Dispose();
    }

    /// <summary>The command was refused: nobody comes.</summary>
    public void Refused(string room, long epoch, string participant) => End((room, epoch, participant), ActivityStatusCode.Error, "refused");

    /// <summary>On the worker's thread.</summary>
    public void Heard(MediaRoomEvent e)
    {
        if (waiting.IsEmpty) return;
        switch (e)
        {
            case PeerStateEvent state when state.State == Connecting && waiting.TryGetValue((e.Room, e.Epoch, state.Participant), out var span):
                span.AddEvent(new ActivityEvent("offer answered"));
                break;
            case PeerStateEvent state when state.State == Connected:
                End((e.Room, e.Epoch, state.Participant), ActivityStatusCode.Ok, null);
                break;
            case PeerLeftEvent left:
                End((e.Room, e.Epoch, left.Participant), ActivityStatusCode.Error, left.Reason);
                break;
        }
    }

    void End((string, long, string) peer, ActivityStatusCode status, string? reason)
    {
        if (!waiting.TryRemove(peer, out var span)) return;
        span.SetStatus(status, reason);
        span.Dispose();
    }
}
