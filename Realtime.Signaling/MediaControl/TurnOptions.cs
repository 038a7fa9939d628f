using Microsoft.Extensions.Options;

namespace Realtime.Signaling.MediaControl;

/// <summary>Section <c>Turn</c>: the TURN servers handed to clients. Without URLs none are.</summary>
public sealed class TurnOptions
{
    public const string Section = "Turn";

    /// <summary>Comma-separated, e.g. <c>turn:turn.example.org:3478?transport=udp</c>.</summary>
    public string Urls { get; set; } = "";

    /// <summary>Shared with the servers (coturn: <c>static-auth-secret</c>).</summary>
    public string Secret { get; set; } = "";

    /// <summary>How long a credential can be used to open new allocations.</summary>
    public TimeSpan CredentialLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often each server is looked at; zero: never, where this service cannot reach them (then clients' reports alone decide).</summary>
    public TimeSpan ProbeEvery { get; set; } = TimeSpan.FromSeconds(30);

    internal sealed class Validator : IValidateOptions<TurnOptions>
    {
        public ValidateOptionsResult Validate(string? name, TurnOptions options)
        {
            var mistakes = options.Urls.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(static url => !url.StartsWith("stun", StringComparison.OrdinalIgnoreCase) && !TurnServer.TryRead(url, out _))
                .Select(static url => $"Turn:Urls: '{url}' is no TURN server (turn:host[:port][?transport=udp|tcp] or turns:…).").ToList();
            if (options.CredentialLifetime < TimeSpan.FromMinutes(1))
                mistakes.Add("Turn:CredentialLifetime must be at least a minute.");
            if (options.ProbeEvery < TimeSpan.Zero)
                mistakes.Add("Turn:ProbeEvery must not be negative.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
