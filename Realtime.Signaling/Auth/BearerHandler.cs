using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Realtime.Contracts;

namespace Realtime.Signaling.Auth;

/// <summary>The identity of a request with a user token.</summary>
public sealed class TokenIdentity(UserToken token) : ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, token.User)], BearerHandler.Scheme)
{
    public UserToken Token => token;

    public static UserToken? Of(ClaimsPrincipal? principal) => (principal?.Identity as TokenIdentity)?.Token;
}

/// <summary>
/// <c>Authorization: Bearer</c>; on the hub also <c>?access_token=</c>, because a browser's WebSocket can carry no header. Refusals are answered as problem details.
/// </summary>
public sealed class BearerHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, TokenVerifier verifier, Strangers strangers)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public new const string Scheme = "Bearer";

    /// <summary>Where a token may come in the query.</summary>
    public const string HubPath = "/hub";

    RealtimeError _error = TokenVerdict.NotValid;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim()
            : Request.Path.StartsWithSegments(HubPath) ? Request.Query["access_token"].ToString()
            : "";
        if (token.Length == 0)
            return AuthenticateResult.NoResult();
        var verdict = await verifier.VerifyAsync(token, Context.RequestAborted);
        if (verdict.IsValid)
            return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new TokenIdentity(verdict.Token)), Scheme));
        _error = verdict.Error;
        return AuthenticateResult.Fail("refused");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // Not the stranger's fault: who can say whether the token is valid cannot be asked.
        if (_error.Code != ErrorCode.Unauthenticated)
            return Refusals.WriteAsync(Context, _error);
        Response.Headers.WWWAuthenticate = Scheme;
        return Refusals.WriteAsync(Context, strangers.Refuse(Context, "A valid token is needed."));
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Refusals.WriteAsync(Context, StatusCodes.Status403Forbidden, new RealtimeError(ErrorCode.Forbidden, "Your token does not grant this."));
}
