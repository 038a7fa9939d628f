using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace Realtime.Web.Actions;

/// <summary>What the next page says at its top: that something was done, or why not.</summary>
sealed record Note(bool IsProblem, string Text);

/// <summary>Carries a note over a redirect: sealed, so that nobody can put words into the console's mouth.</summary>
sealed class Notes(IDataProtectionProvider protection)
{
    const string Cookie = "realtime.note";

    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("console.note").ToTimeLimitedDataProtector();

    public void Leave(HttpContext http, Note note) => http.Response.Cookies.Append(
        Cookie, _protector.Protect(JsonSerializer.Serialize(note), Lifetime),
        new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/console", MaxAge = Lifetime, Secure = http.Request.IsHttps });

    /// <summary>Shown once.</summary>
    public Note? Take(HttpContext http)
    {
        if (http.Request.Cookies[Cookie] is not { Length: > 0 } sealedNote)
            return null;
        if (!http.Response.HasStarted)
            http.Response.Cookies.Delete(Cookie, new CookieOptions { Path = "/console" });
        try
        {
            return JsonSerializer.Deserialize<Note>(_protector.Unprotect(sealedNote));
        }
        catch (CryptographicException)
        {
            // Old, or not ours.
            return null;
        }
    }
}
