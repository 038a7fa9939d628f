using Realtime.Contracts;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Attachments;

/// <summary>What one upload takes from its user's day (UTC), before the bytes are kept. What was received stays taken.</summary>
public sealed class UploadQuota(AttachmentStore store, string user, DateTimeOffset now, long most)
{
    /// <summary>Taken at once where the client gave no length.</summary>
    const long Step = 8L * 1024 * 1024;

    readonly DateOnly _day = DateOnly.FromDateTime(now.UtcDateTime);
    long _taken;

    /// <summary>Bytes received.</summary>
    public long Used { get; private set; }

    /// <exception cref="RealtimeException"><c>rateLimited</c>, scope <c>uploads</c>.</exception>
    public async Task EnsureAsync(long bytes, CancellationToken cancellation)
    {
        if (bytes <= _taken)
            return;
        if (!await store.TakeQuotaAsync(user, _day, bytes - _taken, most, cancellation))
        {
            var wait = new DateTimeOffset(_day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero) - now;
            throw new RealtimeException(new(ErrorCode.RateLimited, $"A day's uploads have at most {most} bytes.", RetryAfterMs: (int)Math.Max(1000, wait.TotalMilliseconds), Scope: "uploads"));
        }
        _taken = bytes;
    }

    /// <inheritdoc cref="EnsureAsync"/>
    public async Task UseAsync(int bytes, CancellationToken cancellation)
    {
        var needed = Used + bytes;
        if (needed > _taken)
        {
            // Near the end of the day's allowance a whole step may be too much where what is needed is not.
            var step = Math.Max(needed - _taken, Step);
            if (await store.TakeQuotaAsync(user, _day, step, most, cancellation))
                _taken += step;
            else
                await EnsureAsync(needed, cancellation);
        }
        Used = needed;
    }

    public async Task ReturnRestAsync()
    {
        if (_taken > Used)
            await store.ReturnQuotaAsync(user, _day, _taken - Used);
        _taken = Used;
    }
}
