using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Timeouts that contradict each other stop the start.</summary>
sealed class StandardOptionsValidator(string name) : IValidateOptions<HttpStandardResilienceOptions>
{
    public ValidateOptionsResult Validate(string? optionsName, HttpStandardResilienceOptions options)
    {
        if (optionsName != name)
            return ValidateOptionsResult.Skip;
        var failures = new List<string>();
        if (options.AttemptTimeout.Timeout > options.TotalRequestTimeout.Timeout)
            failures.Add($"{name}: the attempt timeout ({options.AttemptTimeout.Timeout}) is longer than the total request timeout ({options.TotalRequestTimeout.Timeout}).");
        if (options.CircuitBreaker.SamplingDuration < options.AttemptTimeout.Timeout * 2)
            failures.Add($"{name}: the circuit breaker's sampling duration ({options.CircuitBreaker.SamplingDuration}) is shorter than twice the attempt timeout ({options.AttemptTimeout.Timeout}).");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
