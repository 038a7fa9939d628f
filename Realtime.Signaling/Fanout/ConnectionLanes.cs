using System.IO.Pipelines;
using Realtime.Contracts;
using Realtime.Signaling.Delivery;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Everything that leaves through one connection's socket passes here, so that there is one writer: SignalR's own output (answers, pings) and the frames encoded once
/// for many. While the socket takes what it is given, a frame is written by whoever brings it; from the first time it does not, frames wait in a
/// <see cref="LaneQueue"/> and <see cref="RunAsync"/> writes them. Bringing a frame never waits. Lock order: a feed's lock, then this one.
/// </summary>
public sealed partial class ConnectionLanes
{
    /// <summary>Bytes handed to the socket at a time while there is a backlog.</summary>
    const int WriteChunk = 32 * 1024;

    readonly Lock _gate = new();
    // Never disposed: it holds nothing that needs it, and frames may be brought until the last reference is gone.
    readonly SemaphoreSlim _wake = new(0);
    readonly PipeWriter _output;
    readonly TimeProvider _time;
    readonly List<Action> _afterCompletion = [];

    LaneQueue? _queue;
    List<ReadOnlyMemory<byte>>? _held;
    ValueTask<FlushResult>? _flush;
    TaskCompletionSource? _controlDrained;
    Phase _phase;
    bool _closing;
    bool _awake;
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

    public ConnectionLanes(PipeWriter output, TimeProvider time)
    {
        _output = output;
        _time = time;
    }

    /// <summary>Called once when the lanes give the connection up: the socket is to be torn down.</summary>
    public Action? Aborted { get; set; }

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

    /// <summary>Runs when the answer to the call in progress is on its way, so that a client sees the answer before the events that follow from it.</summary>
    public void AfterCompletion(Action action)
    {
        lock (_gate)
            _afterCompletion.Add(action);
    }

    /// <summary>Holds frames brought by <see cref="Send"/> back until the answer to the call in progress is on its way.</summary>
    public void HoldUntilCompletion()
    {
        lock (_gate)
            _held ??= [];
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
            _queue?.DropDurable();
            _behind.Clear();
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
            _closing = true;
            _phase = Phase.Closed;
            _controlDrained?.TrySetResult();
            Wake();
        }
        Aborted?.Invoke();
    }

    /// <summary>SignalR's own output. The task ends when the control lane has room again: that is what makes one connection's calls wait for its own socket.</summary>
    internal ValueTask WriteOwnAsync(ReadOnlyMemory<byte> frames, bool completion)
    {
        Task? drained = null;
        Action[] actions = [];
        lock (_gate)
        {
            if (!_closing)
                Write(_phase == Phase.Direct ? frames : frames.ToArray());
            if (completion)
                actions = TakeAfterCompletion();
            if (_phase == Phase.Queued && Queue.ControlBytes > LaneQueue.ControlPauseBytes)
                drained = (_controlDrained ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
        foreach (var action in actions)
            action();
        return drained is null ? default : new ValueTask(drained);
    }

    /// <summary>The end of SignalR's output.</summary>
    internal void CompleteOwn()
    {
        lock (_gate)
        {
            if (_phase == Phase.Closed)
                return;
            _closing = true;
            if (_phase == Phase.Direct)
                Finish();
            else
                Wake();
        }
    }

    LaneQueue Queue => _queue ??= new LaneQueue();

    Action[] TakeAfterCompletion()
    {
        if (_held is { } held)
        {
            _held = null;
            foreach (var frame in held)
                Write(frame);
        }
        if (_afterCompletion.Count == 0)
            return [];
        Action[] actions = [.. _afterCompletion];
        _afterCompletion.Clear();
        return actions;
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
                Copy(frame.Span);
                Flush();
                return true;
        }
    }

    void Wake()
    {
        if (_awake)
            return;
        _awake = true;
        _wake.Release();
    }
}
