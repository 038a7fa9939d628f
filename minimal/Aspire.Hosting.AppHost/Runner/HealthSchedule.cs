namespace Aspire.Hosting.Runner;

/// <summary>
/// When to ask again: every 30 s while healthy; else after 1 s, 2 s … up to 5 s, as Aspire does. A process that has just started
/// and was never healthy is asked every 250 ms for its first 15 s, so that nothing waits longer than it must.
/// </summary>
internal sealed class HealthSchedule
{
    private static readonly TimeSpan _startUp = TimeSpan.FromSeconds(15);
    private bool _wasHealthy;
    private int _failures;

    public TimeSpan Next(bool healthy, TimeSpan age)
    {
        if (healthy)
        {
            _wasHealthy = true;
            _failures = 0;
            return TimeSpan.FromSeconds(30);
        }

        if (!_wasHealthy && age < _startUp)
            return TimeSpan.FromMilliseconds(250);
        return TimeSpan.FromSeconds(Math.Min(++_failures, 5));
    }
}
