using System.Collections.Frozen;
using System.Reflection;
using Microsoft.AspNetCore.SignalR;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Hubs;

/// <summary>
/// Lets a call pass or refuses it with <c>rateLimited</c>, its scope and when to come back, by what its method says it costs (<see cref="LimitedAttribute"/>). A call that turns
/// out to be invalid has used its permit all the same; one that could not be read costs more.
/// </summary>
public sealed class LimitFilter(LimitGate gate, Limits limits, LimitOptions options) : IHubFilter
{
    static readonly FrozenDictionary<string, LimitedAttribute> Costs = typeof(RealtimeHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Select(static method => (method.Name, Limited: method.GetCustomAttribute<LimitedAttribute>())).Where(static pair => pair.Limited is not null)
        .ToFrozenDictionary(static pair => pair.Name, static pair => pair.Limited!, StringComparer.Ordinal);

    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext context, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var connection = ErrorFilter.ConnectionOf(context.Context);
        var cost = Costs.GetValueOrDefault(context.HubMethodName);
        if (connection is null || cost?.Itself == true)
            return next(context);
        var limit = cost?.Limit ?? LimitName.Calls;
        var admission = gate.TryAdmitAsync(limit, KeyOf(limits[limit].Limit, connection), context.HubMethodName == nameof(RealtimeHub.Malformed) ? options.InvalidCallCost : 1);
        if (!admission.IsCompletedSuccessfully)
            return AwaitAsync(limit, admission, context, next);
        return admission.Result is { } wait ? throw LimitGate.Refusal(limit, wait) : next(context);
    }

    static async ValueTask<object?> AwaitAsync(string limit, ValueTask<TimeSpan?> admission, HubInvocationContext context, Func<HubInvocationContext, ValueTask<object?>> next) =>
        await admission is { } wait ? throw LimitGate.Refusal(limit, wait) : await next(context);

    static string KeyOf(RateLimit limit, HubConnection connection) => limit.Per switch
    {
        LimitPer.User => connection.Token.User,
        LimitPer.Address => connection.ClientKey,
        _ => connection.Id,
    };
}
