using System.Globalization;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.RateLimits;
using StackExchange.Redis;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Limits counted over all nodes: <see cref="Gcra"/> as one script on Redis, by Redis's own clock, so that no two nodes have to agree on the time. Calls share the connection
/// and are pipelined; nobody waits longer than <see cref="Budget"/>, and after one who did, nobody asks for a second.
/// </summary>
public sealed class RedisLimits(RedisNews redis, TimeProvider time)
{
    public static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(100);

    static readonly TimeSpan PauseAfterStall = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Times in microseconds: what a double in Lua holds exactly until the year 2255. Answers 0 when admitted, otherwise how long until a call would be. The entry
    /// goes when it is back at rest.
    /// </summary>
    const string Script = """
        local t = redis.call('TIME')
        local now = t[1] * 1000000 + t[2]
        local arrival = tonumber(redis.call('GET', KEYS[1]) or '0')
        local due = math.max(arrival, now) + ARGV[1]
        local early = due - now - ARGV[2]
        if early > 0 then return math.ceil(early) end
        redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1)
        return 0
        """;

    long _pausedUntil;
    long _unanswered;

    /// <summary>Asking makes no sense at the moment.</summary>
    public bool IsAway => redis.IsAway || time.GetUtcNow().UtcTicks < Volatile.Read(ref _pausedUntil);

    /// <summary>Questions without an answer in time, for metrics.</summary>
    public long Unanswered => Volatile.Read(ref _unanswered);

    /// <returns>Zero: admitted, and counted. Null: no answer; the caller decides by what it knows itself.</returns>
    public async ValueTask<TimeSpan?> AskAsync(RateLimit limit, string key, long permits)
    {
        RedisKey[] keys = [KeyOf(limit, key)];
        RedisValue[] values = [Microseconds(limit.TicksPerPermit * permits), Microseconds(limit.Tolerance)];
        try
        {
            var answer = await redis.Connection.GetDatabase().ScriptEvaluateAsync(Script, keys, values).WaitAsync(Budget, time);
            return TimeSpan.FromMicroseconds((long)answer);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            Interlocked.Increment(ref _unanswered);
            Volatile.Write(ref _pausedUntil, (time.GetUtcNow() + PauseAfterStall).UtcTicks);
            ActionLog.RecordVerbose("limits", "unanswered", detail: exception.GetType().Name);
            return null;
        }
    }

    /// <summary>The key begins anew.</summary>
    /// <returns>False: it was at rest, or nobody answers (then every replica counts for itself anyway).</returns>
    public async Task<bool> ForgetAsync(RateLimit limit, string key)
    {
        try
        {
            return await redis.Connection.GetDatabase().KeyDeleteAsync(KeyOf(limit, key)).WaitAsync(Budget, time);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            Interlocked.Increment(ref _unanswered);
            return false;
        }
    }

    static RedisKey KeyOf(RateLimit limit, string key) => $"rt:l:{limit.Scope}:{key}";

    static string Microseconds(long ticks) => (ticks / (double)TimeSpan.TicksPerMicrosecond).ToString("R", CultureInfo.InvariantCulture);
}
