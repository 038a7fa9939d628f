using Microsoft.AspNetCore.Diagnostics;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Api;

/// <summary>The fault wall of REST: refusals and faults become problem details; a fault is reported with an incident id.</summary>
public sealed class ApiErrors(Guarded guarded) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var error = exception switch
        {
            RealtimeException refused => refused.Error,
            BadHttpRequestException unreadable => ProblemPages.ErrorOf(unreadable.StatusCode),
            OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested => new RealtimeError(ErrorCode.UnknownOutcome, "The request ended meanwhile."),
            _ => new RealtimeError(
                ErrorCode.Internal, "Something went wrong on our side.",
                Incident: guarded.Fail(new GuardedContext("api", httpContext.GetEndpoint()?.DisplayName ?? "unknown", TokenIdentity.Of(httpContext.User)?.User), exception)),
        };
        if (exception is BadHttpRequestException { StatusCode: var status })
            await Refusals.WriteAsync(httpContext, status, error);
        else
            await Refusals.WriteAsync(httpContext, error);
        return true;
    }
}
