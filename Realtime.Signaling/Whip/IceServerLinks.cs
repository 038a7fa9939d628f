using Realtime.Contracts;

namespace Realtime.Signaling.Whip;

/// <summary>STUN and TURN servers as <c>Link</c> headers (RFC 9725 §4.6).</summary>
static class IceServerLinks
{
    public static string[] Of(IReadOnlyList<IceServer> servers) => [.. servers.SelectMany(static server => server.Urls.Where(IsUrl).Select(url => Of(url, server)))];

    static string Of(string url, IceServer server)
    {
        var link = $"<{url}>; rel=\"ice-server\"";
        var isTurn = url.StartsWith("turn:", StringComparison.OrdinalIgnoreCase) || url.StartsWith("turns:", StringComparison.OrdinalIgnoreCase);
        return isTurn && server is { Username: { } name, Credential: { } credential }
            ? $"{link}; username=\"{Quoted(name)}\"; credential=\"{Quoted(credential)}\"; credential-type=\"password\""
            : link;
    }

    /// <summary>What cannot stand between angle brackets in a header is a mistake in the configuration: left out rather than sent.</summary>
    static bool IsUrl(string url) => !url.AsSpan().ContainsAny("<>\" ") && !url.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>RFC 9110 §5.6.4. Users and credentials are ASCII by their own rules.</summary>
    static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
