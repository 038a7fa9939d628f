using Realtime.Signaling.Delivery;

namespace Realtime.Signaling.Fanout;

/// <summary>What the connection itself says: SignalR's answers and pings, its WebSocket's pongs and close frame, and what follows from an answer.</summary>
public sealed partial class ConnectionLanes
{
    List<Action>? _afterCompletion;
    List<ReadOnlyMemory<byte>>? _held;
    TaskCompletionSource? _controlDrained;
    TaskCompletionSource? _ended;

    /// <summary>Runs when the answer to the call in progress is on its way, so that a client sees the answer before the events that follow from it.</summary>
    public void AfterCompletion(Action action)
    {
        lock (_gate)
            (_afterCompletion ??= []).Add(action);
    }

    /// <summary>Holds frames brought by <see cref="Send"/> back until the answer to the call in progress is on its way.</summary>
    public void HoldUntilCompletion()
    {
        lock (_gate)
            _held ??= [];
    }

    /// <summary>SignalR's own output. The task ends when the control lane has room again: that is what makes one connection's calls wait for its own socket.</summary>
    internal ValueTask WriteOwnAsync(ReadOnlyMemory<byte> frames, bool completion)
    {
        ValueTask room;
        Action[] actions = [];
        lock (_gate)
        {
            if (!_closing)
                WriteCopy(frames);
            if (completion)
                actions = TakeAfterCompletion();
            room = RoomInControl();
        }
        foreach (var action in actions)
            action();
        return room;
    }

    /// <summary>A frame that the WebSocket writes by itself. After its close frame nothing goes out any more. The task ends as that of <see cref="WriteOwnAsync"/>.</summary>
    internal ValueTask WriteWebSocketAsync(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (_finished)
                return SayFarewell(frame);
            if (_phase == Phase.Closed || _mustAbort)
                return default;
            WriteCopy(frame);
            if (WebSocketFrame.IsClose(frame.Span))
            {
                _closing = true;
                _closingSince = _time.GetTimestamp();
                DropAllButControl();
                if (_phase == Phase.Direct)
                    Finish();
            }
            return RoomInControl();
        }
    }

    /// <summary>The end of SignalR's output: what it has said goes out, then the connection ends.</summary>
    internal void CompleteOwn()
    {
        lock (_gate)
        {
            if (_phase == Phase.Closed)
                return;
            _closing = true;
            if (_closingSince == 0)
                _closingSince = _time.GetTimestamp();
            DropAllButControl();
            if (_phase == Phase.Direct)
                Finish();
            else
                Wake();
        }
    }

    /// <summary>As <see cref="CompleteOwn"/>. The task ends with the last byte, or when the connection is given up.</summary>
    public Task EndAsync()
    {
        lock (_gate)
        {
            CompleteOwn();
            return _phase == Phase.Closed ? Task.CompletedTask : (_ended ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    Action[] TakeAfterCompletion()
    {
        if (_held is { } held)
        {
            _held = null;
            foreach (var frame in held)
                Write(frame);
        }
        // What an answer brought is not held by a connection that says nothing for hours.
        Action[] actions = [.. _afterCompletion ?? []];
        _afterCompletion = null;
        return actions;
    }

    /// <summary>Under the lock.</summary>
    void WriteCopy(ReadOnlyMemory<byte> frame) => Write(_phase == Phase.Direct ? frame : frame.ToArray());

    /// <summary>Under the lock.</summary>
    ValueTask RoomInControl() => _phase == Phase.Queued && Queue.ControlBytes > LaneQueue.ControlPauseBytes
        ? new((_controlDrained ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task) : default;
}
