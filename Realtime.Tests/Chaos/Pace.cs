namespace Realtime.Tests.Chaos;

/// <summary>When a workload does its next thing, and which: numbers from the seed, for several loops at once.</summary>
sealed class Pace(int seed)
{
    readonly Random _random = new(seed);

    /// <summary>Below <paramref name="most"/>.</summary>
    public int Next(int most)
    {
        lock (_random)
            return _random.Next(most);
    }

    /// <summary>A pause between so many seconds. False: the run is over.</summary>
    public async Task<bool> PauseAsync(double least, double most, CancellationToken until)
    {
        double seconds;
        lock (_random)
            seconds = least + ((most - least) * _random.NextDouble());
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), until);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
