using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Api;

/// <summary>Endpoints whose use is recorded in the audit log, for what is not done in Postgres. What is, records itself in its own transaction.</summary>
public static class Audited
{
    /// <param name="action">One of <see cref="AuditAction"/>.</param>
    /// <param name="target">The route value that names what it is done to.</param>
    /// <param name="details">Of the endpoint's arguments, what else is to be known.</param>
    public static RouteHandlerBuilder AuditedAs(this RouteHandlerBuilder endpoint, string action, string? target = null, Func<EndpointFilterInvocationContext, object?>? details = null) =>
        endpoint.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            var later = http.RequestServices.GetRequiredService<AuditLater>();
            later.CheckRoom();
            var result = await next(context);
            var actor = TokenIdentity.Of(http.User)?.User ?? "realtime";
            await later.RecordAsync(new AuditRecord(actor, action, Target: target is null ? null : http.GetRouteValue(target) as string, Details: details?.Invoke(context)));
            return result;
        });
}
