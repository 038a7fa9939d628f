using Microsoft.AspNetCore.SignalR;
using Realtime.Contracts;
using Realtime.Signaling.Errors;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Hubs;

/// <summary>Lets a call pass or refuses it with <c>rateLimited</c>, its scope and when to come back. A call that turns out to be invalid has used its permit all the same.</summary>
public sealed class LimitFilter(Limits limits, TimeProvider time) : IHubFilter
{
    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext context, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var connection = ErrorFilter.ConnectionOf(context.Context);
        if (connection is not null && For(context.HubMethodName, connection) is var (limiter, key) && !limiter.TryAdmit(key, time.GetUtcNow(), out var retryAfter))
        {
            throw new RealtimeException(new(
                ErrorCode.RateLimited, "Too many of these; slow down.", RetryAfterMs: Math.Max(1, (int)Math.Ceiling(retryAfter.TotalMilliseconds)), Scope: limiter.Limit.Scope));
        }
        return next(context);
    }

    /// <summary>Hello has its own admission, by address or node.</summary>
    (RateLimiter Limiter, string Key) For(string method, HubConnection connection) => method switch
    {
        nameof(RealtimeHub.SendMessage) => (limits.Messages, connection.Token.User),
        nameof(RealtimeHub.JoinChannel) or nameof(RealtimeHub.LeaveChannel) => (limits.Channels, connection.Token.User),
        nameof(RealtimeHub.JoinRoom) or nameof(RealtimeHub.LeaveRoom) or nameof(RealtimeHub.SetTrack) => (limits.Voice, connection.Token.User),
        nameof(RealtimeHub.Negotiate) => (limits.Negotiations, connection.Id),
        _ => (limits.Calls, connection.Id),
    };
}
