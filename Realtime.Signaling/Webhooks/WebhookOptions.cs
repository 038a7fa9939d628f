using System.Net;
using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Webhooks;

/// <summary>Section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>Networks (CIDR), comma-separated, that may be called although they are not public, also without TLS: for development and tests.</summary>
    public string AllowedNetworks { get; set; } = "";

    /// <summary>Endpoints; more are refused.</summary>
    public int MaxEndpoints { get; set; } = 100;

    /// <summary>Deliveries of this replica under way at once.</summary>
    public int Concurrency { get; set; } = 64;

    /// <summary>Attempts, then the dead letter.</summary>
    public int MaxAttempts { get; set; } = 8;

    /// <summary>Attempts whose process died, then the dead letter: what kills us is not tried for ever.</summary>
    public int MaxCrashes { get; set; } = 3;

    /// <summary>Of one attempt, connecting included.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Deliveries that wait for one endpoint; with more it is disabled (<c>backlog</c>).</summary>
    public int MaxWaiting { get; set; } = 100_000;

    /// <summary>How long what was delivered can still be looked up; its payload goes at once.</summary>
    public TimeSpan KeepDelivered { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long dead letters, and what waits for a disabled endpoint, are kept.</summary>
    public TimeSpan KeepDead { get; set; } = TimeSpan.FromDays(30);

    public IReadOnlyList<IPNetwork> Allowed =>
        [.. Split(AllowedNetworks).Select(static text => (IsValid: IPNetwork.TryParse(text, out var network), network)).Where(static one => one.IsValid).Select(static one => one.network)];

    static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    internal sealed class Validator : IValidateOptions<WebhookOptions>
    {
        public ValidateOptionsResult Validate(string? name, WebhookOptions options)
        {
            var mistakes = Split(options.AllowedNetworks).Where(static text => !IPNetwork.TryParse(text, out _))
                .Select(static text => $"Webhooks:AllowedNetworks: '{text}' is no network (CIDR).").ToList();
            if (options.MaxEndpoints is < 1 or > 1000)
                mistakes.Add("Webhooks:MaxEndpoints must be between 1 and 1000.");
            if (options.Concurrency is < 1 or > 1000)
                mistakes.Add("Webhooks:Concurrency must be between 1 and 1000.");
            if (options.MaxAttempts < 1 || options.MaxCrashes < 1)
                mistakes.Add("Webhooks:MaxAttempts and Webhooks:MaxCrashes must be positive.");
            if (options.Timeout <= TimeSpan.Zero || options.Timeout > DeliveryRules.Lease / 2)
                mistakes.Add($"Webhooks:Timeout must be positive and at most {DeliveryRules.Lease / 2}: half of the lease of a claim.");
            if (options.MaxWaiting < 1)
                mistakes.Add("Webhooks:MaxWaiting must be positive.");
            if (options.KeepDelivered <= TimeSpan.Zero || options.KeepDead <= TimeSpan.Zero)
                mistakes.Add("Webhooks:KeepDelivered and Webhooks:KeepDead must be positive.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
