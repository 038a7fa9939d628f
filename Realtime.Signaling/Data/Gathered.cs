using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Data;

/// <summary>
/// One statement for many callers: one is under way, and who comes meanwhile is in the next. Whoever finds nothing under way runs it for all who wait, and hands the pen to
/// the next in line; alone, a caller waits for nobody. When thousands come back at once, their questions cost a hundredth.
/// </summary>
/// <param name="run">Answers what it is asked, in that order.</param>
/// <param name="most">Asked at a time.</param>
/// <param name="room">Callers that wait; more are refused with <c>unavailable</c>.</param>
public sealed class Gathered<TAsk, TAnswer>(Func<IReadOnlyList<TAsk>, Task<IReadOnlyList<TAnswer>>> run, int most, int room)
{
    const int FullRetryAfterMs = 1000;

    /// <param name="Outcome">Null: it is this one's turn to run.</param>
    sealed record Waiting(TAsk Ask, TaskCompletionSource<Task<TAnswer>?> Outcome);

    readonly Lock _gate = new();
    readonly Queue<Waiting> _waiting = [];
    bool _busy;

    /// <exception cref="RealtimeException">As of the statement; <c>unavailable</c> when too many wait.</exception>
    public async Task<TAnswer> AskAsync(TAsk ask)
    {
        var own = new Waiting(ask, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!IsFirst(own) && await own.Outcome.Task is { } outcome)
            return await outcome;
        var batch = Take(own);
        try
        {
            var outcomes = await RunAsync([.. batch.Select(static one => one.Ask)]);
            for (var i = 1; i < batch.Count; i++)
                batch[i].Outcome.TrySetResult(outcomes[i]);
            return await outcomes[0];
        }
        finally
        {
            HandOn();
        }
    }

    bool IsFirst(Waiting own)
    {
        lock (_gate)
        {
            if (!_busy)
                return _busy = true;
            if (_waiting.Count >= room)
                throw new RealtimeException(new(ErrorCode.Unavailable, "Too much is waiting for the database.", RetryAfterMs: FullRetryAfterMs));
            _waiting.Enqueue(own);
            return false;
        }
    }

    List<Waiting> Take(Waiting own)
    {
        List<Waiting> batch = [own];
        lock (_gate)
        {
            while (batch.Count < most && _waiting.TryDequeue(out var next))
                batch.Add(next);
        }
        return batch;
    }

    void HandOn()
    {
        Waiting? next;
        lock (_gate)
            _busy = _waiting.TryDequeue(out next);
        next?.Outcome.TrySetResult(null);
    }

    /// <summary>Never fails itself: every caller has an outcome of its own.</summary>
    async Task<Task<TAnswer>[]> RunAsync(TAsk[] asks)
    {
        try
        {
            return [.. (await run(asks)).Select(Task.FromResult)];
        }
        catch (Exception failure) when (asks.Length > 1 && (failure is not RealtimeException || failure.InnerException is PostgresException))
        {
            // What is wrong with one of them, or a row of it that somebody holds, is nothing to the others.
            Task<TAnswer>[] alone = [.. asks.Select(AloneAsync)];
            await ((Task)Task.WhenAll(alone)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return alone;
        }
        catch (Exception failure)
        {
            return [.. asks.Select(_ => Task.FromException<TAnswer>(failure))];
        }
    }

    async Task<TAnswer> AloneAsync(TAsk ask) => (await run([ask]))[0];
}
