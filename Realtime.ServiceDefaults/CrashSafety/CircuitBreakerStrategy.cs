using Polly;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>The circuit as a Polly v8 strategy, so that it composes with Polly's retry and timeout: <c>pipeline.AddCircuit(circuit)</c>.</summary>
public sealed class CircuitBreakerStrategy(CircuitBreaker circuit) : ResilienceStrategy
{
    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        if (!circuit.TryEnter(out var ticket))
            return Outcome.FromException<TResult>(new CircuitOpenException(circuit.Name, circuit.RetryAfter));
        Outcome<TResult> outcome;
        try
        {
            outcome = await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext);
        }
        catch (Exception exception)
        {
            // Strategies answer with outcomes; a callback that throws all the same must still give its ticket back.
            outcome = Outcome.FromException<TResult>(exception);
        }
        switch (outcome.Exception)
        {
            case null:
                circuit.Success(ticket);
                break;
            case OperationCanceledException when context.CancellationToken.IsCancellationRequested:
                circuit.Abandon(ticket);
                break;
            case Polly.Timeout.TimeoutRejectedException:
                circuit.Timeout(ticket);
                break;
            case var exception:
                circuit.Failure(ticket, exception);
                break;
        }
        return outcome;
    }
}

/// <summary>Adds a circuit to a pipeline.</summary>
public static class CircuitPipeline
{
    sealed class Options : ResilienceStrategyOptions
    {
        public Options() => Name = "Circuit";
    }

    public static TBuilder AddCircuit<TBuilder>(this TBuilder builder, CircuitBreaker circuit) where TBuilder : ResiliencePipelineBuilderBase =>
        builder.AddStrategy(_ => new CircuitBreakerStrategy(circuit), new Options());
}
