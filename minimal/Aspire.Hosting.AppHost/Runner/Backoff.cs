namespace Aspire.Hosting.Runner;

/// <summary>The pauses before a process that died is started again: 1 s, doubled each time up to 30 s, from the beginning after 60 s of life.</summary>
internal sealed class Backoff
{
    private static readonly TimeSpan _first = TimeSpan.FromSeconds(1), _longest = TimeSpan.FromSeconds(30), _settled = TimeSpan.FromSeconds(60);
    private TimeSpan _next = _first;

    public TimeSpan Next(TimeSpan lived)
    {
        if (lived >= _settled)
            _next = _first;
        var pause = _next;
        _next = TimeSpan.FromTicks(Math.Min(_next.Ticks * 2, _longest.Ticks));
        return pause;
    }
}
