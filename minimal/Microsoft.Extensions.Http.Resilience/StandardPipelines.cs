using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Polly;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Builds the standard pipeline of one name, once or once per authority.</summary>
sealed class StandardPipelines(string name, TimeProvider? time, IOptionsMonitor<HttpStandardResilienceOptions> options, StandardPipelineSelection selection)
{
    /// <summary>Authorities with a pipeline of their own; further ones share one.</summary>
    const int MaxPipelines = 1000;

    readonly ConcurrentDictionary<string, Lazy<ResiliencePipeline<HttpResponseMessage>>> _pipelines = new(StringComparer.OrdinalIgnoreCase);

    public ResiliencePipeline<HttpResponseMessage> For(HttpRequestMessage request)
    {
        var key = selection.ByAuthority ? request.RequestUri?.GetLeftPart(UriPartial.Authority) ?? "" : "";
        if (_pipelines.TryGetValue(key, out var known))
            return known.Value;
        return _pipelines.GetOrAdd(_pipelines.Count < MaxPipelines ? key : "", _ => new(Build)).Value;
    }

    ResiliencePipeline<HttpResponseMessage> Build()
    {
        var standard = options.Get(name);
        var limiter = new ConcurrencyLimiter(standard.RateLimiter.DefaultRateLimiterOptions);
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { Name = name, TimeProvider = time };
        return builder
            .AddStrategy(_ => new RateLimiterStrategy(limiter), standard.RateLimiter)
            .AddTimeout(standard.TotalRequestTimeout)
            .AddRetry(standard.Retry)
            .AddCircuitBreaker(standard.CircuitBreaker)
            .AddTimeout(standard.AttemptTimeout)
            .Build();
    }
}

sealed class StandardPipelineSelection
{
    public bool ByAuthority { get; set; }
}
