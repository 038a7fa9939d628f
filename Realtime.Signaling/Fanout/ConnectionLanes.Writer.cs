using System.IO.Pipelines;
using Realtime.Contracts;

namespace Realtime.Signaling.Fanout;

/// <summary>The one loop of a connection: ends pending writes, empties the lanes, lets readers that are behind pull.</summary>
public sealed partial class ConnectionLanes
{
    /// <summary>What a close frame waits for a socket that has taken everything else.</summary>
    static readonly TimeSpan FarewellWithin = TimeSpan.FromSeconds(5);

    /// <summary>Runs as long as the connection.</summary>
    public async Task RunAsync(CancellationToken ended)
    {
        while (true)
        {
            if (!await WaitAsync(ended))
                return;
            try
            {
                while (await StepAsync(ended))
                {
                    // Until the lanes are empty and every reader is live or waits for the database.
                }
            }
            catch (Exception exception) when (exception is IOException or InvalidOperationException && !ended.IsCancellationRequested)
            {
                // The pipe was completed under us: the socket is gone.
                Abort();
            }
            lock (_gate)
            {
                if (_phase == Phase.Closed)
                    return;
            }
        }
    }

    /// <summary>False: the connection has ended.</summary>
    async Task<bool> WaitAsync(CancellationToken ended)
    {
        bool retry;
        lock (_gate)
            retry = _behind.Count > 0;
        try
        {
            // Readers that wait for the database come round by themselves.
            await _wake.WaitAsync(retry ? PullRetry : Timeout.InfiniteTimeSpan, ended);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return false;
        }
        lock (_gate)
            _awake = false;
        return true;
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
                    _phase = Phase.Closed;
            }
        }

        FeedSubscription? reader = null;
        bool abort;
        lock (_gate)
        {
            abort = _mustAbort;
            if (_phase == Phase.Closed)
            {
                _controlDrained?.TrySetResult();
                return false;
            }
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
                _phase = Phase.Closed;
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
        _phase = Phase.Closed;
        _finished = true;
        Finished?.Invoke();
        _controlDrained?.TrySetResult();
        Wake();
    }

    /// <summary>The WebSocket's close frame, after everything else. Nobody watches the connection any more, so it has its time here. Under the lock.</summary>
    ValueTask SayFarewell(ReadOnlyMemory<byte> frame)
    {
        var flush = Put(frame);
        return flush.IsCompleted ? default : new(flush.AsTask().WaitAsync(FarewellWithin, _time));
    }
}
