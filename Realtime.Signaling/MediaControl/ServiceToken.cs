using System.Text;
using System.Text.Json.Nodes;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Signaling.MediaControl;

/// <summary>The service token for one node: HS256, audience the node, 60 s; made anew when half of it is over.</summary>
public sealed class ServiceToken(string node, string secret, TimeProvider time)
{
    static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    readonly byte[] _secret = Encoding.UTF8.GetBytes(secret);
    volatile Minted? _minted;

    sealed record Minted(string Token, DateTimeOffset RenewAt);

    public string Get()
    {
        var now = time.GetUtcNow();
        if (_minted is { } minted && now < minted.RenewAt)
            return minted.Token;
        var claims = new JsonObject
        {
            ["iss"] = "signaling",
            ["aud"] = node,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
        };
        var token = Hs256Jwt.Sign(null, _secret, claims);
        _minted = new Minted(token, now + (Lifetime / 2));
        return token;
    }
}
