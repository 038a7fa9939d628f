using System.Threading.RateLimiting;
using Polly;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Refuses calls beyond the limit of calls in flight.</summary>
sealed class RateLimiterStrategy(RateLimiter limiter) : ResilienceStrategy<HttpResponseMessage>
{
    protected override async ValueTask<Outcome<HttpResponseMessage>> ExecuteCore<TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<HttpResponseMessage>>> callback, ResilienceContext context, TState state)
    {
        using var lease = await limiter.AcquireAsync(1, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext);
        if (lease.IsAcquired)
            return await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext);
        return Outcome.FromException<HttpResponseMessage>(new RateLimiterRejectedException("The operation could not be executed because it was rejected by the rate limiter."));
    }
}

/// <summary>Too many calls in flight. In the package it lives in Polly.RateLimiting; catch <see cref="ExecutionRejectedException"/> to mean both.</summary>
public sealed class RateLimiterRejectedException(string message) : ExecutionRejectedException(message);
