using Realtime.Contracts;
using Realtime.Web.Operations;

namespace Realtime.Web.Live;

/// <summary>The newest stack that crashed, asked for at most every five seconds while somebody looks.</summary>
sealed class RecentCrashes(SignalingClient signaling, TimeProvider time)
{
    static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(5);

    readonly Lock _gate = new();
    Task<Answer<IReadOnlyList<CrashGroup>>>? _last;
    long _at;

    public Task<Answer<IReadOnlyList<CrashGroup>>> GetAsync()
    {
        lock (_gate)
        {
            if (_last is not null && (!_last.IsCompleted || time.GetElapsedTime(_at) < KeepFor))
                return _last;
            _at = time.GetTimestamp();
            return _last = signaling.GetAsync<IReadOnlyList<CrashGroup>>("/api/crashes?limit=1");
        }
    }
}
