using Microsoft.Extensions.Http.Resilience;

namespace Polly;

public static class HttpResilienceContextExtensions
{
    static readonly ResiliencePropertyKey<HttpRequestMessage?> RequestMessage = new("Resilience.Http.RequestMessage");

    /// <summary>The request a <see cref="ResilienceHandler"/> is sending in this context.</summary>
    public static HttpRequestMessage? GetRequestMessage(this ResilienceContext context) => context.Properties.GetValue(RequestMessage, null);

    public static void SetRequestMessage(this ResilienceContext context, HttpRequestMessage? request) => context.Properties.Set(RequestMessage, request);
}
