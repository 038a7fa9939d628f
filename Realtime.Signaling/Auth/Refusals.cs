using Microsoft.AspNetCore.Mvc;
using Realtime.Contracts;

namespace Realtime.Signaling.Auth;

/// <summary>A refusal over HTTP: problem details (RFC 9457) with the members of <see cref="RealtimeError"/>.</summary>
public static class Refusals
{
    public static int StatusOf(string code) => code switch
    {
        ErrorCode.Invalid => StatusCodes.Status400BadRequest,
        ErrorCode.Unsupported => StatusCodes.Status422UnprocessableEntity,
        ErrorCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorCode.Forbidden => StatusCodes.Status403Forbidden,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        ErrorCode.Conflict => StatusCodes.Status409Conflict,
        ErrorCode.RateLimited => StatusCodes.Status429TooManyRequests,
        ErrorCode.Unavailable or ErrorCode.Degraded or ErrorCode.UnknownOutcome => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    public static Task WriteAsync(HttpContext http, RealtimeError error) => WriteAsync(http, StatusOf(error.Code), error);

    public static Task WriteAsync(HttpContext http, int status, RealtimeError error)
    {
        if (http.Response.HasStarted)
            return Task.CompletedTask;
        http.Response.StatusCode = status;
        if (error.RetryAfterMs is { } wait)
            http.Response.Headers.RetryAfter = Math.Max(1, (wait + 999) / 1000).ToString();
        return http.Response.WriteAsJsonAsync(Problem(status, error), ContractsJson.Options, "application/problem+json", http.RequestAborted);
    }

    static ProblemDetails Problem(int status, RealtimeError error)
    {
        var problem = new ProblemDetails { Status = status, Title = error.Message };
        problem.Extensions["code"] = error.Code;
        problem.Extensions["message"] = error.Message;
        if (error.Field is not null)
            problem.Extensions["field"] = error.Field;
        if (error.RetryAfterMs is not null)
            problem.Extensions["retryAfterMs"] = error.RetryAfterMs;
        if (error.Incident is not null)
            problem.Extensions["incident"] = error.Incident;
        if (error.Scope is not null)
            problem.Extensions["scope"] = error.Scope;
        return problem;
    }
}
