using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Sessions;

/// <summary>
/// Resumes at the pace of the node's admission bucket. Who comes when it is empty waits for their turn here, first come first served: to be refused and to come again costs the
/// node more than the resume itself (an upgrade, a handshake, a Hello). Bounded by <see cref="Longest"/>: who would wait longer is refused and told when the line will have gone.
/// </summary>
public sealed class ResumeLine(Limits limits, TimeProvider time) : IDisposable
{
    /// <summary>Half of what a client waits for an answer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    const string Key = "node";

    readonly SemaphoreSlim _turn = new(1);
    int _waiting;

    /// <summary>Who waits now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <exception cref="RealtimeException"><c>rateLimited</c> with scope <c>resumes</c>: the line is too long.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async ValueTask EnterAsync(CancellationToken cancellation)
    {
        var limiter = limits.Resumes;
        var line = Interlocked.Increment(ref _waiting);
        try
        {
            if (line == 1 && limiter.TryTake(Key, time.GetUtcNow(), 1, out _))
                return;
            // Those in front take as long.
            var wait = TimeSpan.FromTicks(limiter.Limit.TicksPerPermit * line);
            if (wait > Longest)
            {
                limiter.CountRefusal();
                throw LimitGate.Refusal(LimitName.Resumes, wait * (0.5 + Random.Shared.NextDouble()));
            }
            await _turn.WaitAsync(cancellation);
            try
            {
                // Delays end at whole milliseconds, and not before their time.
                while (!limiter.TryTake(Key, time.GetUtcNow(), 1, out var next))
                    await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(next.TotalMilliseconds)), time, cancellation);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose() => _turn.Dispose();
}
