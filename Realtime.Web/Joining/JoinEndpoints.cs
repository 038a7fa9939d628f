using Realtime.Contracts;

namespace Realtime.Web.Joining;

/// <summary>What the join page asks this server for.</summary>
static class JoinEndpoints
{
    public const string RateLimit = "join";

    /// <summary>Bytes of a body; longer ones are refused unread.</summary>
    const long MaxBody = 4 * 1024;

    public static void MapJoining(this WebApplication app)
    {
        app.MapGet("/", static (IWebHostEnvironment environment) =>
            Results.Stream(environment.WebRootFileProvider.GetFileInfo("join.html").CreateReadStream(), "text/html; charset=utf-8"));
        app.MapGet("/join/config", Config);
        app.MapPost("/join/token", Token)
            .RequireRateLimiting(RateLimit)
            .DisableAntiforgery() // No cookie is involved; the origin is checked instead.
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBody));
    }

    static IResult Config(SignalingAddress signaling, IServiceProvider services) => signaling.Hub is { } hub
        ? Results.Json(new JoinConfig(hub.AbsoluteUri, services.GetService<TokenMinter>() is not null), ContractsJson.Options)
        : Refusal.Result(new(ErrorCode.Unavailable, "This server does not know where signaling is (Signaling:PublicUrl)."));

    static async Task<IResult> Token(HttpContext http, IServiceProvider services, CancellationToken cancellation)
    {
        if (!SameOrigin.Holds(http.Request))
            return Refusal.Result(new(ErrorCode.Forbidden, "Only the join page itself may ask for a token."));
        if (services.GetService<TokenMinter>() is not { } minter)
            return Refusal.Result(new(ErrorCode.NotFound, "Tokens are minted by your team's own backend (POST /api/tokens); this page does so only in Development."));
        var (request, unreadable) = await JoinBody.ReadAsync(http.Request, MaxBody, cancellation);
        if ((unreadable ?? request!.Check()) is { } wrong)
            return Refusal.Result(wrong);
        var wanted = request!.ToTokenRequest();
        var (token, error) = await minter.MintAsync(wanted, cancellation);
        http.Response.Headers.CacheControl = "no-store";
        return token is null
            ? Refusal.Result(error!)
            : Results.Json(new JoinTicket(token.Token, token.Expires, wanted.User!, request.Room!, request.Room!), ContractsJson.Options);
    }
}
