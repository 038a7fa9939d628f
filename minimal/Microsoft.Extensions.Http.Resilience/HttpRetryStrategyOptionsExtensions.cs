using Polly;

namespace Microsoft.Extensions.Http.Resilience;

public static class HttpRetryStrategyOptionsExtensions
{
    /// <summary>No retry of POST, PATCH, PUT, DELETE and CONNECT.</summary>
    public static void DisableForUnsafeHttpMethods(this HttpRetryStrategyOptions options) =>
        options.DisableFor(HttpMethod.Delete, HttpMethod.Patch, HttpMethod.Post, HttpMethod.Put, HttpMethod.Connect);

    public static void DisableFor(this HttpRetryStrategyOptions options, params HttpMethod[] methods)
    {
        var shouldHandle = options.ShouldHandle;
        options.ShouldHandle = async arguments =>
            await shouldHandle(arguments).ConfigureAwait(arguments.Context.ContinueOnCapturedContext)
            && !((arguments.Outcome.Result?.RequestMessage ?? arguments.Context.GetRequestMessage()) is { } request && methods.Contains(request.Method));
    }
}
