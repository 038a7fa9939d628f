using Polly;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Sends each request through a pipeline, which may send it several times.</summary>
public class ResilienceHandler : DelegatingHandler
{
    readonly Func<HttpRequestMessage, ResiliencePipeline<HttpResponseMessage>> _select;

    public ResilienceHandler(ResiliencePipeline<HttpResponseMessage> pipeline) => _select = _ => pipeline;

    public ResilienceHandler(Func<HttpRequestMessage, ResiliencePipeline<HttpResponseMessage>> pipelineProvider) => _select = pipelineProvider;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.SetRequestMessage(request);
        try
        {
            var outcome = await _select(request).ExecuteOutcomeAsync(static async (context, call) =>
            {
                try
                {
                    return Outcome.FromResult(await call.Handler.Forward(call.Request, context.CancellationToken).ConfigureAwait(context.ContinueOnCapturedContext));
                }
                catch (Exception exception)
                {
                    return Outcome.FromException<HttpResponseMessage>(exception);
                }
            }, context, (Handler: this, Request: request)).ConfigureAwait(context.ContinueOnCapturedContext);
            outcome.ThrowIfException();
            return outcome.Result!;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    Task<HttpResponseMessage> Forward(HttpRequestMessage request, CancellationToken cancellation) => base.SendAsync(request, cancellation);
}
