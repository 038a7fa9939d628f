using Microsoft.AspNetCore.Authorization;
using Realtime.Contracts;

namespace Realtime.Signaling.Auth;

/// <summary>The authorization policies of endpoints.</summary>
public static class Policies
{
    /// <summary>Needs the grant <c>admin</c>.</summary>
    public const string Admin = "admin";

    public static void Configure(AuthorizationOptions options) => options.AddPolicy(Admin, static policy => policy
        .AddAuthenticationSchemes(BearerHandler.Scheme)
        .RequireAuthenticatedUser()
        .RequireAssertion(static context => TokenIdentity.Of(context.User)?.Grants.AllowsAdmin() == true));
}
