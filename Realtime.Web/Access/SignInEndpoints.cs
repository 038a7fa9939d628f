using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Web.Actions;

namespace Realtime.Web.Access;

/// <summary><c>POST /console/do/sign-in</c> and <c>/console/do/sign-out</c>.</summary>
static class SignInEndpoints
{
    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        app.MapPost(ConsoleAccess.SignInFormPath, SignInAsync).WithForm().AllowAnonymous();
        app.MapPost(ConsoleAccess.SignOutFormPath, SignOutAsync).WithForm().RequireAuthorization(ConsoleAccess.Viewer);
    }

    static async Task<IResult> SignInAsync(HttpContext http, Accounts accounts, SignInAttempts attempts, Notes notes)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (name, password) = (form["name"].ToString(), form["password"].ToString());
        var back = ConsoleAccess.Back(form["back"]);
        var network = ConsoleAccess.NetworkOf(http);
        if (attempts.LockedFor(name, network) is { } wait)
            return Again($"Too many attempts. Try again in {Math.Ceiling(wait.TotalMinutes)} min.");
        var account = accounts.Find(name);
        if (password.Length > Passwords.MaxLength || !Passwords.Matches(account?.PasswordHash, password))
        {
            attempts.Failed(name, network);
            // The name is whatever somebody typed, a password perhaps: it is told only when it is one of ours.
            ActionLog.Record("console", "signInFailed", account?.Name);
            return Again("That is not a name and password of ours.");
        }
        attempts.Succeeded(name, network);
        // A new cookie with each sign-in: one that somebody planted before is worth nothing.
        await http.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, ConsoleAccess.Principal(account!));
        http.Response.Cookies.Delete(ConsoleAccess.SignedOut);
        ActionLog.Record("console", "signedIn", account!.Name);
        return Results.Redirect(back);

        IResult Again(string why)
        {
            notes.Leave(http, new Note(IsProblem: true, why));
            return Results.Redirect($"{ConsoleAccess.SignInPath}?back={Uri.EscapeDataString(back)}");
        }
    }

    static async Task<IResult> SignOutAsync(HttpContext http, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ActionLog.Record("console", "signedOut", http.User.Identity?.Name);
        await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        // Development's operator at this machine would be back at once.
        http.Response.Cookies.Append(ConsoleAccess.SignedOut, "1", new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", Secure = http.Request.IsHttps });
        return Results.Redirect(ConsoleAccess.SignInPath);
    }
}
