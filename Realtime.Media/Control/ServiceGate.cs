using System.Text;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Media.Control;

/// <summary>Lets signaling in and nobody else: a service JWT for this very node, over the HTTP/2 port.</summary>
public sealed class ServiceGate(string node, string secret, TimeProvider time)
{
    const string Scheme = "Bearer ";
    const string Issuer = "signaling";

    readonly byte[] key = Encoding.UTF8.GetBytes(secret);

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
