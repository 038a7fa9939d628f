using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Auth;

/// <summary>Which pages may open the hub or call the API from a browser. Clients that send no origin are no browsers: the token decides alone.</summary>
public sealed class OriginPolicy(IOptionsMonitor<NetworkOptions> options, IHostEnvironment environment)
{
    public bool Allows(string origin)
    {
        if (origin.Length == 0 || options.CurrentValue.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase))
            return true;
        return environment.IsDevelopment() && Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.IsLoopback;
    }
}
