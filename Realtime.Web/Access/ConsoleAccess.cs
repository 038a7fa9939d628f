using System.Net;

namespace Realtime.Web.Access;

/// <summary>
/// Who may see the console: until people can sign in, only somebody at this very machine, in Development. The Host header must be
/// local too, so that a page of a stranger cannot come in through a name that resolves to this machine.
/// </summary>
static class ConsoleAccess
{
    public const string Path = "/console";

    public static void UseConsoleAccess(this WebApplication app)
    {
        var development = app.Environment.IsDevelopment();
        app.Use((http, next) => !http.Request.Path.StartsWithSegments(Path) || (development && IsLocal(http)) ? next(http) : Refuse(http, development));
    }

    internal static bool IsLocal(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote) && IsLocalName(http.Request.Host.Host) && CameFromHere(http.Request);

    /// <summary>A proxy on this machine is local, but whom it speaks for may not be.</summary>
    static bool CameFromHere(HttpRequest request) => request.Headers["X-Forwarded-For"].SelectMany(static value => (value ?? "").Split(','))
        .All(static one => IPAddress.TryParse(one.Trim(), out var address) && IPAddress.IsLoopback(address));

    static bool IsLocalName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    static Task Refuse(HttpContext http, bool development)
    {
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(development
            ? "The console is open only on the machine it runs on: open it there, as http://localhost."
            : "The console is closed: operators cannot sign in yet, so it opens only in Development, on the machine it runs on.");
    }
}
