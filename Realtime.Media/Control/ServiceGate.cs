using System.Text;
using System.Text.Json.Nodes;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Media.Control;

/// <summary>Lets signaling in and nobody else: a service JWT for this very node, over the HTTP/2 port.</summary>
public sealed class ServiceGate(string node, string secret, TimeProvider time)
{
    const string Scheme = "Bearer ";
    const string Issuer = "signaling";

    const int TokenSeconds = 60;

    readonly byte[] key = Encoding.UTF8.GetBytes(secret);

    /// <summary>A token as signaling makes them, for the node's own call to itself.</summary>
    internal static string SignToken(string node, string secret, TimeProvider time)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return Hs256Jwt.Sign(null, Encoding.UTF8.GetBytes(secret), new JsonObject { ["iss"] = Issuer, ["aud"] = node, ["iat"] = now, ["exp"] = now + TokenSeconds });
    }

    /// <summary>Null lets the call pass.</summary>
    public IResult? Check(HttpContext http)
    {
        // The public port speaks HTTP/1.1 only: what comes over it does not find these routes.
        if (!HttpProtocol.IsHttp2(http.Request.Protocol)) return Results.NotFound();
        var header = http.Request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && Hs256Jwt.Verify(header[Scheme.Length..], [key], time.GetUtcNow(), out _, audience: node, issuer: Issuer) == JwtFailure.None)
        {
            return null;
        }

        return ControlAnswer.Refuse(new RealtimeError(ErrorCode.Unauthenticated, "A service token for this node is needed.")).ToResult();
    }
}
