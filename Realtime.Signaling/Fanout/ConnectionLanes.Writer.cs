using System.IO.Pipelines;
using Realtime.Contracts;

namespace Realtime.Signaling.Fanout;

/// <summary>Starts a connection's loop, not on the caller's thread. False: the host is about to stop.</summary>
public delegate bool LaneRunner(Func<CancellationToken, Task> loop);

/// <summary>The loop of a connection that has a backlog: ends pending writes, empties the lanes, lets readers that are behind pull.</summary>
public sealed partial class ConnectionLanes
{
    /// <summary>What a close frame waits for a socket that has taken everything else.</summary>
    static readonly TimeSpan FarewellWithin = TimeSpan.FromSeconds(5);

    bool _running;
    bool _awake;
    TaskCompletionSource? _sooner;

    /// <summary>There is something to do for the loop: it starts, or goes round once more. Under the lock.</summary>
    void Wake()
    {
        _awake = true;
        _sooner?.TrySetResult();
        if (_running)
            return;
        _running = runner(RunAsync);
        if (!_running)
            SetClosed();
    }

    /// <summary>Nothing is written any more, and nobody waits for it. Under the lock.</summary>
    void SetClosed()
    {
        _closing = true;
        _phase = Phase.Closed;
        _sooner?.TrySetResult();
        _controlDrained?.TrySetResult();
        _ended?.TrySetResult();
    }

    /// <summary>Runs until the lanes are empty and every reader is live, or the connection has ended.</summary>
    async Task RunAsync(CancellationToken ended)
    {
        try
        {
            while (MayRun())
            {
                while (await StepAsync(ended))
                {
                    // Until there is nothing to do but to wait for the database.
                }
                await PauseAsync(ended);
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException && !ended.IsCancellationRequested)
        {
            // The pipe was completed under us: the socket is gone.
            Abort();
        }
        catch
        {
            Abort();
            throw;
        }
    }

    /// <summary>False: the next who has something to do starts the loop anew.</summary>
    bool MayRun()
    {
        lock (_gate)
        {
            _running = _phase != Phase.Closed && (_awake || _behind.Count > 0);
            _awake = false;
            return _running;
        }
    }

    /// <summary>Readers that wait for the database come round by themselves.</summary>
    async Task PauseAsync(CancellationToken ended)
    {
        Task sooner;
        lock (_gate)
        {
            if (_awake || _phase == Phase.Closed || _behind.Count == 0)
                return;
            sooner = (_sooner = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ended);
        await Task.WhenAny(sooner, Task.Delay(PullRetry, enough.Token));
        await enough.CancelAsync();
        ended.ThrowIfCancellationRequested();
    }

    /// <summary>One write, or one pull. False: nothing to do until woken.</summary>
    async Task<bool> StepAsync(CancellationToken ended)
    {
        ValueTask<FlushResult>? pending;
        lock (_gate)
        {
            pending = _flush;
            _flush = null;
        }
        if (pending is { } flush)
        {
            var result = await flush;
            lock (_gate)
            {
                _stalledSince = 0;
                if (result.IsCompleted || result.IsCanceled)
                    SetClosed();
            }
        }

        FeedSubscription? reader = null;
        bool abort;
        lock (_gate)
        {
            abort = _mustAbort;
            if (_phase == Phase.Closed)
                return false;
            if (!abort)
            {
                if (WriteQueued())
                    return true;
                if (_closing)
                {
                    Finish();
                    return false;
                }
                var now = _time.GetTimestamp();
                reader = _behind.Find(one => one.RetryAt <= now);
                if (reader is null)
                {
                    _phase = Phase.Direct;
                    return false;
                }
                // From here on nobody else writes until this reader has got its page.
                _phase = Phase.Queued;
            }
        }
        if (abort)
        {
            Abort(CloseCode.Slow);
            return false;
        }
        await PullAsync(reader!, ended);
        return true;
    }

    /// <summary>Writes what waits, a chunk at most. False: nothing waited. Under the lock.</summary>
    bool WriteQueued()
    {
        if (_queue is null || _queue.IsEmpty)
            return false;
        var written = 0;
        while (written < WriteChunk && _queue.TryTake(out var frame))
        {
            Copy(frame.Span);
            written += frame.Length;
        }
        if (_queue.ControlBytes <= Delivery.LaneQueue.ControlPauseBytes / 2 && _controlDrained is { } drained)
        {
            _controlDrained = null;
            drained.TrySetResult();
        }
        Flush();
        return true;
    }

    void Copy(ReadOnlySpan<byte> frame)
    {
        var span = _output.GetSpan(frame.Length);
        frame.CopyTo(span);
        _output.Advance(frame.Length);
    }

    /// <summary>One frame to the socket; what is not sent at once is copied. Under the lock.</summary>
    ValueTask<FlushResult> Put(ReadOnlyMemory<byte> frame)
    {
        if (_socket is not null)
            return _socket.WriteAsync(frame, CancellationToken.None);
        Copy(frame.Span);
        return _output.FlushAsync(CancellationToken.None);
    }

    /// <summary>Hands what was copied to the socket. Under the lock.</summary>
    void Flush() => Watch(_output.FlushAsync(CancellationToken.None));

    /// <summary>When the socket does not take everything at once, the loop has the pen from now on. Under the lock.</summary>
    void Watch(ValueTask<FlushResult> flush)
    {
        if (flush.IsCompletedSuccessfully)
        {
            if (flush.Result.IsCompleted)
                SetClosed();
            return;
        }
        _flush = flush;
        _phase = Phase.Queued;
        _stalledSince = _time.GetTimestamp();
        Wake();
    }

    /// <summary>The last byte is out: the WebSocket says its close frame. Under the lock.</summary>
    void Finish()
    {
        _finished = true;
        SetClosed();
        Finished?.Invoke();
    }

    /// <summary>The WebSocket's close frame, after everything else. Nobody watches the connection any more, so it has its time here. Under the lock.</summary>
    ValueTask SayFarewell(ReadOnlyMemory<byte> frame)
    {
        var flush = Put(frame);
        return flush.IsCompleted ? default : new(flush.AsTask().WaitAsync(FarewellWithin, _time));
    }
}
