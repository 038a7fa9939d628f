using Realtime.Contracts;
using Realtime.Signaling.Auth;

namespace Realtime.Signaling.Api;

/// <summary>Problem details for what no endpoint answered: unknown paths, wrong methods, wrong types.</summary>
public static class ProblemPages
{
    public static void UseProblemPages(this IApplicationBuilder app) => app.UseStatusCodePages(static context =>
    {
        var http = context.HttpContext;
        return Refusals.WriteAsync(http, http.Response.StatusCode, ErrorOf(http.Response.StatusCode));
    });

    public static RealtimeError ErrorOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => new(ErrorCode.Unauthenticated, "A valid token is needed."),
        StatusCodes.Status403Forbidden => new(ErrorCode.Forbidden, "Your token does not grant this."),
        StatusCodes.Status404NotFound => new(ErrorCode.NotFound, "There is nothing here."),
        StatusCodes.Status405MethodNotAllowed => new(ErrorCode.Unsupported, "Not by this method."),
        StatusCodes.Status406NotAcceptable => new(ErrorCode.Unsupported, "There is no answer of a type you accept."),
        StatusCodes.Status413PayloadTooLarge => new(ErrorCode.TooLarge, "The body is too large."),
        StatusCodes.Status415UnsupportedMediaType => new(ErrorCode.Unsupported, "Not a body of this type.", "Content-Type"),
        StatusCodes.Status429TooManyRequests => new(ErrorCode.RateLimited, "Too many of these; slow down."),
        >= 500 => new(ErrorCode.Unavailable, "Not at the moment."),
        _ => new(ErrorCode.Invalid, "The request could not be read."),
    };
}
