using System.Threading.RateLimiting;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>The five strategies of the standard handler, outermost first, with the package's numbers.</summary>
public class HttpStandardResilienceOptions
{
    public HttpRateLimiterStrategyOptions RateLimiter { get; set; } = new() { Name = "Standard-RateLimiter" };
    public HttpTimeoutStrategyOptions TotalRequestTimeout { get; set; } = new() { Name = "Standard-TotalRequestTimeout" };
    public HttpRetryStrategyOptions Retry { get; set; } = new() { Name = "Standard-Retry" };
    public HttpCircuitBreakerStrategyOptions CircuitBreaker { get; set; } = new() { Name = "Standard-CircuitBreaker" };
    public HttpTimeoutStrategyOptions AttemptTimeout { get; set; } = new() { Name = "Standard-AttemptTimeout", Timeout = TimeSpan.FromSeconds(10) };
}

public class HttpRateLimiterStrategyOptions : ResilienceStrategyOptions
{
    public ConcurrencyLimiterOptions DefaultRateLimiterOptions { get; set; } = new() { PermitLimit = 1000, QueueLimit = 0 };
}

/// <summary>30 s, Polly's default, unless set.</summary>
public class HttpTimeoutStrategyOptions : TimeoutStrategyOptions;

/// <summary>3 retries, exponential from 2 s with jitter, honouring Retry-After.</summary>
public class HttpRetryStrategyOptions : RetryStrategyOptions<HttpResponseMessage>
{
    bool _shouldRetryAfterHeader;

    public HttpRetryStrategyOptions()
    {
        ShouldHandle = static arguments => new ValueTask<bool>(HttpClientResiliencePredicates.IsTransient(arguments.Outcome));
        BackoffType = DelayBackoffType.Exponential;
        UseJitter = true;
        ShouldRetryAfterHeader = true;
    }

    /// <summary>Waits as long as the response's Retry-After says.</summary>
    public bool ShouldRetryAfterHeader
    {
        get => _shouldRetryAfterHeader;
        set
        {
            _shouldRetryAfterHeader = value;
            DelayGenerator = value
                ? static arguments => new ValueTask<TimeSpan?>(RetryAfter.Read(arguments.Outcome.Result, DateTimeOffset.UtcNow))
                : null;
        }
    }
}

/// <summary>Ratio 0.1 of at least 100 calls within 30 s opens it for 5 s.</summary>
public class HttpCircuitBreakerStrategyOptions : CircuitBreakerStrategyOptions<HttpResponseMessage>
{
    public HttpCircuitBreakerStrategyOptions() =>
        ShouldHandle = static arguments => new ValueTask<bool>(HttpClientResiliencePredicates.IsTransient(arguments.Outcome));
}
