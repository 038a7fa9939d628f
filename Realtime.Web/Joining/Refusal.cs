using Microsoft.AspNetCore.Mvc;
using Realtime.Contracts;

namespace Realtime.Web.Joining;

/// <summary>An error of the contract as problem details with the same members (RFC 9457).</summary>
static class Refusal
{
    public static IResult Result(RealtimeError error)
    {
        var problem = new ProblemDetails { Title = error.Message, Status = Status(error.Code) };
        problem.Extensions["code"] = error.Code;
        problem.Extensions["message"] = error.Message;
        if (error.Field is not null)
            problem.Extensions["field"] = error.Field;
        if (error.RetryAfterMs is not null)
            problem.Extensions["retryAfterMs"] = error.RetryAfterMs;
        return Results.Problem(problem);
    }

    static int Status(string code) => code switch
    {
        ErrorCode.Invalid => StatusCodes.Status400BadRequest,
        ErrorCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorCode.Forbidden => StatusCodes.Status403Forbidden,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        ErrorCode.RateLimited => StatusCodes.Status429TooManyRequests,
        _ => StatusCodes.Status503ServiceUnavailable,
    };
}
