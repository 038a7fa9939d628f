using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Api;

/// <summary>The limits of REST: the same permits as the hub's, taken before a body is read. Requests without a token are their endpoint's business.</summary>
public static class LimitMiddleware
{
    /// <summary>Says what a request to this endpoint costs; without it, a call.</summary>
    /// <param name="limit">One of <see cref="LimitName"/>.</param>
    public static TBuilder LimitedBy<TBuilder>(this TBuilder endpoint, string limit, bool itself = false) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new LimitedAttribute(limit) { Itself = itself });

    public static void UseLimits(this WebApplication app)
    {
        var gate = app.Services.GetRequiredService<LimitGate>();
        var limits = app.Services.GetRequiredService<Limits>();
        var options = app.Services.GetRequiredService<LimitOptions>();
        var quarantines = app.Services.GetRequiredService<Quarantines>();
        var time = app.Services.GetRequiredService<TimeProvider>();
        app.Use((http, next) => http.GetEndpoint() is { } endpoint && TokenIdentity.Of(http.User) is { } token && http.Request.Path.StartsWithSegments("/api")
            ? AdmitAsync(http, next, endpoint, token.User) : next(http));

        async Task AdmitAsync(HttpContext http, RequestDelegate next, Endpoint endpoint, string user)
        {
            if (quarantines.Refuse(QuarantineKind.User, user) is { } kept)
                throw new RealtimeException(kept);
            var limited = endpoint.Metadata.GetMetadata<LimitedAttribute>();
            if (limited?.Itself != true)
                await gate.AdmitAsync(limited?.Limit ?? LimitName.Calls, user);
            try
            {
                await next(http);
            }
            catch (BadHttpRequestException)
            {
                // Could not be read: that costs more, as on the hub.
                limits.Calls.Charge(user, time.GetUtcNow(), options.InvalidCallCost);
                throw;
            }
        }
    }
}
