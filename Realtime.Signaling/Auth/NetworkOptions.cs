using System.Net;
using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Auth;

/// <summary>Section <c>Network</c>: who stands before this service, and whose pages may talk to it.</summary>
public sealed class NetworkOptions
{
    public const string Section = "Network";

    /// <summary>Addresses or networks (CIDR), comma-separated, whose X-Forwarded-For is believed.</summary>
    public string TrustedProxies { get; set; } = "";

    /// <summary>Origins, comma-separated, e.g. <c>https://chat.example.org</c>. Development allows every port of this machine besides.</summary>
    public string AllowedOrigins { get; set; } = "";

    public IReadOnlyList<string> Proxies => Split(TrustedProxies);

    public IReadOnlyList<string> Origins => Split(AllowedOrigins);

    static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    internal sealed class Validator : IValidateOptions<NetworkOptions>
    {
        public ValidateOptionsResult Validate(string? name, NetworkOptions options)
        {
            var mistakes = options.Proxies.Where(static proxy => !IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _))
                .Select(static proxy => $"Network:TrustedProxies: '{proxy}' is neither an address nor a network.")
                .Concat(options.Origins.Where(static origin => !Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
                    .Select(static origin => $"Network:AllowedOrigins: '{origin}' is no origin (scheme://host[:port], no path)."))
                .ToList();
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
