namespace StackExchange.Redis;

/// <summary>Says, asked again and again after a failed attempt, when the next one is due.</summary>
public interface IReconnectRetryPolicy
{
    bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry);
}

/// <summary>The same pause before every attempt.</summary>
public class LinearRetry(int maxRetryElapsedTimeAllowedMilliseconds) : IReconnectRetryPolicy
{
    public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry) =>
        timeElapsedMillisecondsSinceLastRetry >= maxRetryElapsedTimeAllowedMilliseconds;
}

/// <summary>A random pause between the base and the base grown by a tenth with every attempt, up to a maximum.</summary>
public class ExponentialRetry : IReconnectRetryPolicy
{
    const int DefaultMaximum = 60_000;

    readonly int _deltaBackOff;
    readonly int _maxDeltaBackOff;

    public ExponentialRetry(int deltaBackOffMilliseconds)
        : this(deltaBackOffMilliseconds, Math.Max(deltaBackOffMilliseconds, DefaultMaximum)) { }

    public ExponentialRetry(int deltaBackOffMilliseconds, int maxDeltaBackOffMilliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(deltaBackOffMilliseconds);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDeltaBackOffMilliseconds, deltaBackOffMilliseconds);
        _deltaBackOff = deltaBackOffMilliseconds;
        _maxDeltaBackOff = maxDeltaBackOffMilliseconds;
    }

    public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry)
    {
        var exponential = (int)Math.Min(_maxDeltaBackOff, _deltaBackOff * Math.Pow(1.1, currentRetryCount));
        return timeElapsedMillisecondsSinceLastRetry >= Random.Shared.Next(_deltaBackOff, exponential + 1);
    }
}
