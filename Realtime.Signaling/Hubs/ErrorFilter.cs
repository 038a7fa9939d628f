using Microsoft.AspNetCore.SignalR;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Hubs;

/// <summary>
/// The fault wall around a hub call: a refusal becomes its JSON, anything unexpected becomes a crash report and <c>internal</c> with the incident's id. The connection and
/// everybody else's stay.
/// </summary>
public sealed class ErrorFilter(Guarded guarded, ConductWatch conduct) : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext context, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var connection = ConnectionOf(context.Context);
        var user = connection?.Token.User;
        try
        {
            ActionLog.RecordVerbose("hub", context.HubMethodName, user);
            await FaultPoint.HitAsync("hub", context.HubMethodName, user, cancellation: context.Context.ConnectionAborted);
            return await next(context);
        }
        catch (RealtimeException refused)
        {
            if (connection is not null)
                Judge(connection, context, refused.Error);
            throw HubRefusal.From(refused.Error);
        }
        catch (HubException)
        {
            throw;
        }
        catch (OperationCanceledException) when (context.Context.ConnectionAborted.IsCancellationRequested)
        {
            throw HubRefusal.From(new RealtimeError(ErrorCode.UnknownOutcome, "The connection ended meanwhile."));
        }
        catch (InjectedRefusalException)
        {
            throw HubRefusal.From(new RealtimeError(ErrorCode.Unavailable, "Refused on purpose.", RetryAfterMs: 1000));
        }
        catch (Exception exception)
        {
            var incident = guarded.Fail(new GuardedContext("hub", context.HubMethodName, user), exception);
            if (connection is not null)
                conduct.Fault(connection, incident);
            throw HubRefusal.From(new RealtimeError(ErrorCode.Internal, "Something went wrong on our side.", Incident: incident));
        }
    }

    public async Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        // The end of a session must not fail silently: what it left undone, the keeper does.
        try
        {
            await next(context, exception);
        }
        catch (Exception failure)
        {
            guarded.Fail(new GuardedContext("hub", "disconnected", ConnectionOf(context.Context)?.Token.User), failure);
        }
    }

    void Judge(HubConnection connection, HubInvocationContext context, RealtimeError error)
    {
        if (context.HubMethodName == nameof(RealtimeHub.Malformed))
        {
            if (context.HubMethodArguments is [_, GuardedJsonProtocol.Broken])
                conduct.Broke(connection);
            else
                conduct.Violation(connection);
        }
        if (error.Code == ErrorCode.RateLimited)
            conduct.Refused(connection);
    }

    internal static HubConnection? ConnectionOf(HubCallerContext context) => context.Features.Get<HubConnection>();
}
