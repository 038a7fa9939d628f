using Microsoft.AspNetCore.Antiforgery;

namespace Realtime.Web.Actions;

/// <summary>What every form of the console asks before it does anything: our own origin, an antiforgery token, a small body.</summary>
static class ConsoleForm
{
    const long MaxBody = 16 * 1024;

    public static RouteHandlerBuilder WithForm(this RouteHandlerBuilder endpoint) => endpoint
        .WithMetadata(new RequireAntiforgeryTokenAttribute(), new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBody))
        .AddEndpointFilter(static async (context, next) =>
        {
            var http = context.HttpContext;
            // The middleware has looked already, and left its verdict for whoever reads the form.
            if (!IsOurs(http.Request) || http.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: true })
                return Results.Text("This form did not come from the console, or is from before you signed in. Go back, reload the page and try again.", statusCode: StatusCodes.Status400BadRequest);
            // Only now: a form with a token that is no good must not even be looked at.
            return http.Request.HasFormContentType ? await next(context) : Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        });

    /// <summary>Browsers say where a form comes from; what is no browser shows the token alone.</summary>
    static bool IsOurs(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site && site != "same-origin")
            return false;
        return request.Headers.Origin.ToString() is not { Length: > 0 } origin
            || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
