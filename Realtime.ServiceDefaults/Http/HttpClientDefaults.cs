using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace Realtime.ServiceDefaults.Http;

/// <summary>
/// What every HttpClient of the factory gets: the standard resilience handler (30 s in all, 10 s per attempt, unsafe methods never retried,
/// a circuit per authority) and service discovery.
/// </summary>
public static class HttpClientDefaults
{
    // Parts of the resilience package are marked experimental in some versions of it.
#pragma warning disable EXTEXP0001
    internal static void Add(IServiceCollection services)
    {
        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(static http =>
        {
            http.AddStandardResilienceHandler(static options => options.Retry.DisableForUnsafeHttpMethods()).SelectPipelineByAuthority();
            http.AddServiceDiscovery();
        });
    }

    /// <summary>
    /// For a client with a circuit and deadlines of its own (media control, webhooks, streams): no generic handler, only service discovery and
    /// <paramref name="timeout"/> for the response headers. Call it right after <c>AddHttpClient</c>.
    /// </summary>
    public static IHttpClientBuilder WithoutStandardResilience(this IHttpClientBuilder builder, TimeSpan timeout) =>
        builder.RemoveAllResilienceHandlers().ConfigureHttpClient(client => client.Timeout = timeout);
#pragma warning restore EXTEXP0001
}
