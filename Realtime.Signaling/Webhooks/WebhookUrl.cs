using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Realtime.Signaling.Webhooks;

/// <summary>What an endpoint's URL must look like. Where it leads is decided when it is called, each time (<see cref="GuardedConnect"/>).</summary>
public static class WebhookUrl
{
    public const int MaxLength = 2048;

    /// <returns>Null when it is fine, otherwise what is wrong with it.</returns>
    public static string? Check(string? text, WebhookOptions options, out Uri? url)
    {
        if (!TryRead(text, out url))
            return $"An absolute https URL of at most {MaxLength} characters, without user, password and fragment.";
        var literal = IPAddress.TryParse(url.IdnHost, out var address) ? address : null;
        var allowed = literal is not null && options.Allowed.Any(network => network.Contains(literal));
        if (url.Scheme != Uri.UriSchemeHttps && !allowed && options.Allowed.Count == 0)
            return "Only https is called.";
        return literal is not null && !allowed && !PublicAddress.IsPublic(literal) ? "This address is not public." : null;
    }

    static bool TryRead(string? text, [NotNullWhen(true)] out Uri? url)
    {
        url = null;
        return text is { Length: > 0 and <= MaxLength } && !text.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c)) && Uri.TryCreate(text, UriKind.Absolute, out url)
            && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 && url.Fragment.Length == 0 && url.Host.Length > 0;
    }
}
