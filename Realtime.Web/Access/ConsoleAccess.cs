using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Realtime.Web.Joining;

namespace Realtime.Web.Access;

/// <summary>
/// Who may see the console and who may act. People sign in (<see cref="SignInEndpoints"/>) and carry a cookie; in Development, at this very machine, whoever has not signed out is the operator
/// <c>developer</c>, so that the way from <c>./realtime run</c> to the console is one click.
/// </summary>
static class ConsoleAccess
{
    public const string Path = "/console";
    public const string SignInPath = Path + "/sign-in";
    public const string SignInFormPath = Path + "/do/sign-in";
    public const string SignOutFormPath = Path + "/do/sign-out";

    /// <summary>Policies: any role, and the one that may act.</summary>
    public const string Viewer = "console.viewer";
    public const string Operator = "console.operator";

    public const string Developer = "developer";
    public const string SignedOut = "realtime.signed-out";

    const string StampClaim = "stamp";

    public static void AddConsoleAccess(this WebApplicationBuilder builder)
    {
        var options = ConsoleOptions.From(builder.Configuration, builder.Environment);
        var services = builder.Services;
        services.AddSingleton(options);
        services.AddSingleton<SharedState>();
        services.AddSingleton<Accounts>();
        services.AddSingleton<SignInAttempts>();
        services.AddHostedService<FirstAccount>();
        services.AddHostedService<SharedAccounts>();
        ConsoleKeys.Add(services.AddDataProtection().SetApplicationName("realtime-console"), options, builder.Configuration.GetConnectionString(SharedState.ConnectionName) is { Length: > 0 });
        var secure = builder.Environment.IsDevelopment() ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            // The prefix makes browsers insist on Secure, this host alone, and the whole path.
            cookie.Cookie.Name = builder.Environment.IsDevelopment() ? "realtime.console" : "__Host-realtime.console";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SecurePolicy = secure;
            // Lax, so that a link in an alert opens the console; nothing changes by GET, and what does asks for a token and for our own origin.
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.ExpireTimeSpan = options.SessionIdle;
            cookie.SlidingExpiration = true;
            cookie.LoginPath = SignInPath;
            cookie.AccessDeniedPath = Path + "/denied";
            cookie.ReturnUrlParameter = "back";
            cookie.Events.OnValidatePrincipal = ValidateAsync;
            cookie.Events.OnRedirectToLogin = static context => ForPages(context, StatusCodes.Status401Unauthorized);
            cookie.Events.OnRedirectToAccessDenied = static context => ForPages(context, StatusCodes.Status403Forbidden);
        });
        services.AddAuthorizationBuilder()
            .AddPolicy(Viewer, static policy => policy.RequireRole(ConsoleRole.Operator, ConsoleRole.Viewer))
            .AddPolicy(Operator, static policy => policy.RequireRole(ConsoleRole.Operator));
        services.AddAntiforgery(forgery =>
        {
            forgery.Cookie.Name = "realtime.form";
            forgery.Cookie.HttpOnly = true;
            forgery.Cookie.SameSite = SameSiteMode.Strict;
            // As the request: behind a proxy that ends TLS and says nothing of it, Always would be an exception and not a wall.
            forgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            // Ours says DENY for every page already.
            forgery.SuppressXFrameOptionsHeader = true;
        });
    }

    public static void UseConsoleAccess(this WebApplication app)
    {
        app.UseAuthentication();
        if (app.Environment.IsDevelopment())
        {
            app.Use((http, next) =>
            {
                if (http.Request.Path.StartsWithSegments(Path) && http.User.Identity?.IsAuthenticated != true && IsLocal(http) && !http.Request.Cookies.ContainsKey(SignedOut))
                    http.User = Principal(Developer, ConsoleRole.Operator, "", "local");
                return next(http);
            });
        }
        app.UseAuthorization();
        // What operators see is nobody else's: no cache keeps it, on no machine.
        app.Use((http, next) =>
        {
            if (http.Request.Path.StartsWithSegments(Path))
            {
                http.Response.OnStarting(static state =>
                {
                    var headers = ((HttpContext)state).Response.Headers;
                    if (headers.CacheControl.Count == 0)
                        headers.CacheControl = "no-store";
                    return Task.CompletedTask;
                }, http);
                // Without a referrer browsers send no origin with forms either, and forms ask for it.
                http.Response.Headers["Referrer-Policy"] = "same-origin";
            }
            return next(http);
        });
    }

    public static ClaimsPrincipal Principal(Account account) => Principal(account.Name, account.Role, account.Stamp, CookieAuthenticationDefaults.AuthenticationScheme);

    /// <summary>What forms and links may lead back to: a page of the console, never another site.</summary>
    public static string Back(string? wanted) =>
        wanted is { Length: > 0 and <= 1024 } && (wanted == Path || wanted.StartsWith(Path + "/", StringComparison.Ordinal) || wanted.StartsWith(Path + "?", StringComparison.Ordinal))
            && !wanted.Contains('\\') && !wanted.Contains("..", StringComparison.Ordinal) && !wanted.Any(char.IsControl) && !wanted.StartsWith(SignInPath, StringComparison.Ordinal)
            ? wanted
            : Path;

    internal static bool IsLocal(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote) && IsLocalName(http.Request.Host.Host) && CameFromHere(http.Request);

    /// <summary>The network of whoever asks: what failures are counted by.</summary>
    internal static string NetworkOf(HttpContext http) => JoinLimit.Network(http.Connection.RemoteIpAddress);

    static ClaimsPrincipal Principal(string name, string role, string stamp, string scheme) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, role), new Claim(StampClaim, stamp)], scheme));

    /// <summary>An account that was removed or changed has no sessions any more, from the next request on.</summary>
    static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var known = context.HttpContext.RequestServices.GetRequiredService<Accounts>().Find(context.Principal?.Identity?.Name);
        if (known is not null && context.Principal!.FindFirstValue(StampClaim) == known.Stamp && context.Principal!.IsInRole(known.Role))
            return;
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
    }

    /// <summary>A page leads to where one signs in; a stream, a script's request and a form are told by their status.</summary>
    static Task ForPages(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
            context.Response.Redirect(context.RedirectUri);
        else
            context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>A proxy on this machine is local, but whom it speaks for may not be.</summary>
    static bool CameFromHere(HttpRequest request) => request.Headers["X-Forwarded-For"].SelectMany(static value => (value ?? "").Split(','))
        .All(static one => IPAddress.TryParse(one.Trim(), out var address) && IPAddress.IsLoopback(address));

    static bool IsLocalName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
