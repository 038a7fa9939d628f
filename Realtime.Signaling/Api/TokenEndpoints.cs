using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Api;

/// <summary>Minting and revoking tokens: for a team's backend, which shows its API key (Basic), or for a user with the grant <c>admin</c> (revoking only).</summary>
public static class TokenEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        api.MapPost("/tokens", (HttpContext http, TokenRequest request, KeyRing keys, UserTokens tokens) =>
        {
            http.RequestServices.GetRequiredService<Admission>().CheckNewLogin();
            var answer = tokens.Mint(RequireKey(http, keys), request);
            ActionLog.Record("auth", "minted", request.User);
            http.Response.Headers.CacheControl = "no-store";
            return Results.Json(answer, ContractsJson.Options);
        }).Produces<TokenResponse>().WithSummary("A token for a user of the caller's");
        api.MapDelete("/tokens/{jti}", (HttpContext http, string jti, KeyRing keys, RevocationStore store, RedisNews redis, TimeProvider time, CancellationToken cancellation) =>
            RevokeAsync(http, keys, store, redis, time, isUser: false, jti.Length is > 0 and <= 128 ? jti : throw Invalid("jti"), cancellation));
        api.MapPost("/users/{user}/revoke", (HttpContext http, string user, KeyRing keys, RevocationStore store, RedisNews redis, TimeProvider time, CancellationToken cancellation) =>
            RevokeAsync(http, keys, store, redis, time, isUser: true, NameRules.IsUser(user) ? user : throw Invalid("user"), cancellation));
    }

    static async Task<IResult> RevokeAsync(
        HttpContext http, KeyRing keys, RevocationStore store, RedisNews redis, TimeProvider time, bool isUser, string key, CancellationToken cancellation)
    {
        var by = TokenIdentity.Of(http.User) is { } token && token.Grants.AllowsAdmin() ? token.User : "key:" + RequireKey(http, keys);
        var now = time.GetUtcNow();
        var until = now + http.RequestServices.GetRequiredService<IOptions<AuthOptions>>().Value.MaxTokenLifetime;
        await store.AddAsync(new Revocation(isUser, key, now, until), by, cancellation);
        ActionLog.Record("auth", isUser ? "userRevoked" : "tokenRevoked", isUser ? key : null);
        redis.Nudge();
        return Results.NoContent();
    }

    static string RequireKey(HttpContext http, KeyRing keys) =>
        BasicCredentials.TryRead(http.Request.Headers.Authorization, out var keyId, out var secret) && keys.Matches(keyId, secret)
            ? keyId
            : throw new RealtimeException(http.RequestServices.GetRequiredService<Strangers>().Refuse(http, "An API key is needed: Authorization: Basic base64(keyId:secret)."));

    static RealtimeException Invalid(string field) => new(new(ErrorCode.Invalid, "That cannot be one of ours.", field));
}
