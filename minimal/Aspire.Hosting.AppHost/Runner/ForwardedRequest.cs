using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Aspire.Hosting.Runner;

/// <summary>The request as the replica gets it: the same method, path, headers and body, less what belongs to one connection (RFC 9110 §7.6.1), with the X-Forwarded headers appended.</summary>
internal static class ForwardedRequest
{
    /// <summary>Of a body that fits into the buffers between two processes.</summary>
    private const int SmallBody = 64 * 1024;

    private static readonly HashSet<string> _ofOneConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyAuthenticate, HeaderNames.ProxyAuthorization, "Proxy-Connection", HeaderNames.TE,
        HeaderNames.Trailer, HeaderNames.TransferEncoding, HeaderNames.Upgrade
    };

    public static HttpRequestMessage Create(HttpContext context, Uri replica)
    {
        var from = context.Request;
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri(replica, from.Path.ToUriComponent() + from.QueryString.ToUriComponent()))
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact
        };
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            request.Content = new StreamContent(from.Body);
            // The replica may refuse it unread, and end the connection with that (RFC 9110 §10.1.1): then its answer must not get lost.
            if (from.ContentLength is not <= SmallBody)
                request.Headers.ExpectContinue = true;
        }
        foreach (var (name, values) in from.Headers)
        {
            if (_ofOneConnection.Contains(name) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase))
                continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true })
        {
            request.Headers.TryAddWithoutValidation(HeaderNames.Connection, HeaderNames.Upgrade);
            request.Headers.TryAddWithoutValidation(HeaderNames.Upgrade, (IEnumerable<string?>)from.Headers.Upgrade);
        }

        Append(request, context, "X-Forwarded-For", context.Connection.RemoteIpAddress?.ToString());
        Append(request, context, "X-Forwarded-Proto", from.Scheme);
        Append(request, context, "X-Forwarded-Host", from.Host.Value);
        return request;
    }

    public static void CopyHeaders(HttpResponseMessage from, HttpResponse to)
    {
        var upgrades = from.StatusCode == HttpStatusCode.SwitchingProtocols;
        foreach (var (name, values) in from.Headers.NonValidated.Concat(from.Content.Headers.NonValidated))
        {
            if (!_ofOneConnection.Contains(name) || (upgrades && name.Equals(HeaderNames.Upgrade, StringComparison.OrdinalIgnoreCase)))
                to.Headers[name] = values.ToArray();
        }
    }

    private static void Append(HttpRequestMessage request, HttpContext context, string name, string? value)
    {
        var before = context.Request.Headers[name].ToString();
        request.Headers.TryAddWithoutValidation(name, before.Length > 0 ? $"{before}, {value}" : value);
    }
}
