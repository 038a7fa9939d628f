using Realtime.Web.Joining;

namespace Realtime.Web.Access;

/// <summary>
/// The Content-Security-Policy of every page: own scripts and styles only, no inline code, connections to ourselves and to signaling, no framing.
/// Names and messages of strangers are shown here; this is the second wall behind <c>textContent</c> and Razor's encoding.
/// </summary>
static class ContentPolicy
{
    public static void UseContentPolicy(this WebApplication app)
    {
        var hub = app.Services.GetRequiredService<SignalingAddress>().Hub;
        var connect = hub is null ? "'self'" : $"'self' {Origin(hub)} {Origin(WebSocket(hub))}";
        var policy = $"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; "
            + $"connect-src {connect}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        app.Use((http, next) =>
        {
            http.Response.Headers.ContentSecurityPolicy = policy;
            http.Response.Headers["Permissions-Policy"] = "camera=(self), microphone=(self), display-capture=(self), geolocation=()";
            return next(http);
        });
    }

    static string Origin(Uri uri) => uri.GetLeftPart(UriPartial.Authority);

    static Uri WebSocket(Uri uri) => new UriBuilder(uri) { Scheme = uri.Scheme == Uri.UriSchemeHttps ? "wss" : "ws", Port = uri.Port }.Uri;
}
