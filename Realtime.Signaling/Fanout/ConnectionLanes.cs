using System.IO.Pipelines;
using Realtime.Contracts;
using Realtime.Signaling.Delivery;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Everything that leaves through one connection's socket passes here, so that there is one writer: SignalR's own output (answers, pings), what its WebSocket says by itself,
/// and the frames encoded once for many; each a finished WebSocket frame. While the socket takes what it is given, a frame is written by whoever brings it; from the first
/// time it does not, frames wait in a <see cref="LaneQueue"/> and <see cref="RunAsync"/> writes them; a connection that keeps up has no loop. Bringing a frame never waits. Lock
/// order: a feed's locks, then this one.
/// </summary>
/// <param name="output">Below the WebSocket.</param>
/// <param name="runner">Runs the loop of connections that have something to do for one.</param>
public sealed partial class ConnectionLanes(PipeWriter output, TimeProvider time, LaneRunner runner)
{
    /// <summary>Bytes handed to the socket at a time while there is a backlog.</summary>
    const int WriteChunk = 32 * 1024;

    readonly Lock _gate = new();
    readonly PipeWriter _output = output;
    readonly SocketPipeWriter? _socket = output as SocketPipeWriter;
    readonly TimeProvider _time = time;

    LaneQueue? _queue;
    ValueTask<FlushResult>? _flush;
    Phase _phase;
    bool _closing;
    bool _finished;
    bool _mustAbort;
    long _stalledSince;
    long _closingSince;

    enum Phase
    {
        /// <summary>Nothing waits: the next frame is written at once.</summary>
        Direct,
        /// <summary><see cref="RunAsync"/> has the pen.</summary>
        Queued,
        Closed,
    }

    /// <summary>Called once when the lanes give the connection up: the socket is to be torn down.</summary>
    public Action? Aborted { get; set; }

    /// <summary>Called once when the last frame is out: the WebSocket is to be closed.</summary>
    public Action? Finished { get; set; }

    /// <summary>Why the server closed it, once it has.</summary>
    public CloseCode? ClosedWith { get; private set; }

    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _closing || _phase == Phase.Closed;
        }
    }

    /// <summary>How long the reader has been too slow: a write that does not end, or a durable lane that overflowed and is not caught up yet.</summary>
    public TimeSpan SlowFor
    {
        get
        {
            lock (_gate)
            {
                if (_mustAbort)
                    return TimeSpan.MaxValue;
                var since = _stalledSince == 0 ? _laggingSince : _laggingSince == 0 ? _stalledSince : Math.Min(_stalledSince, _laggingSince);
                return since == 0 || _phase == Phase.Closed ? TimeSpan.Zero : _time.GetElapsedTime(since);
            }
        }
    }

    /// <summary>How long ago it was told to close, while its last frames have not left yet.</summary>
    public TimeSpan ClosingFor
    {
        get
        {
            lock (_gate)
                return _closingSince == 0 || _phase == Phase.Closed ? TimeSpan.Zero : _time.GetElapsedTime(_closingSince);
        }
    }

    /// <summary>Queues a frame that must not be lost. False: the connection is closed, or too slow for it and now given up.</summary>
    public bool Send(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (_closing)
                return false;
            if (_held is null)
                return Write(frame);
            // Bounded as the lane itself: a call that takes longer than that has another problem.
            if (_held.Count < LaneQueue.DurableLimitEvents)
            {
                _held.Add(frame);
                return true;
            }
        }
        Abort();
        return false;
    }

    /// <summary>Queues a frame of which only the newest per key matters.</summary>
    public void SendLatest(string key, ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (_closing || _phase == Phase.Closed)
                return;
            if (_phase == Phase.Direct)
                Write(frame);
            else
                Queue.SetEphemeral(key, frame);
        }
    }

    /// <param name="joined">All of them, one behind the other.</param>
    internal void SendLatest(IReadOnlyList<LatestFrame> frames, ReadOnlyMemory<byte> joined)
    {
        lock (_gate)
        {
            if (_closing || _phase == Phase.Closed)
                return;
            if (_phase == Phase.Direct)
            {
                Write(joined);
                return;
            }
            foreach (var one in frames)
                Queue.SetEphemeral(one.Key, one.Frame);
        }
    }

    /// <summary>Tells the client, then ends the connection after everything in the control lane.</summary>
    public void Close(CloseCode code, TimeSpan after, string? incident = null)
    {
        lock (_gate)
        {
            if (_closing || _phase == Phase.Closed)
                return;
            ClosedWith = code;
            var reconnect = (int)code < 3500;
            _held = null;
            Write(HubFrames.Encode(HubEvent.Closing, new ClosingEvent((int)code, reconnect, (int)after.TotalMilliseconds, incident)));
            Write(HubFrames.Close(reconnect));
            _closing = true;
            _closingSince = _time.GetTimestamp();
            DropAllButControl();
            if (_phase == Phase.Direct)
                Finish();
            else
                Wake();
        }
    }

    /// <summary>Ends it without a word: the socket does not take any.</summary>
    public void Abort(CloseCode? code = null)
    {
        lock (_gate)
        {
            if (_phase == Phase.Closed)
                return;
            ClosedWith ??= code;
            SetClosed();
        }
        Aborted?.Invoke();
    }

    LaneQueue Queue => _queue ??= new LaneQueue();

    /// <summary>Under the lock.</summary>
    void DropAllButControl()
    {
        _queue?.DropDurable();
        _queue?.DropEphemeral();
        _behind.Clear();
    }

    /// <summary>To the socket if it is free, otherwise into the control lane. Under the lock.</summary>
    bool Write(ReadOnlyMemory<byte> frame)
    {
        switch (_phase)
        {
            case Phase.Closed:
                return false;
            case Phase.Queued:
                if (Queue.TryAddControl(frame))
                    return true;
                // Nothing in this lane may be lost, so the reader is; who watches the connections sees it by SlowFor.
                ClosedWith ??= CloseCode.Slow;
                _closing = _mustAbort = true;
                Wake();
                return false;
            default:
                Watch(Put(frame));
                return true;
        }
    }
}
