using System.Collections.Concurrent;
using System.Diagnostics;

namespace Realtime.Tests.Harness;

/// <summary>Listens to one source of spans and keeps those that have ended, in that order. Other tests' spans come too: look for your own.</summary>
sealed class SpanRecorder : IDisposable
{
    readonly ConcurrentQueue<Activity> _ended = [];
    readonly ActivityListener _listener;

    public SpanRecorder(string source)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = heard => heard.Name == source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> All => [.. _ended];

    public void Dispose() => _listener.Dispose();
}
