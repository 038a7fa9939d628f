using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Web.Operations;

/// <summary>
/// Tokens with the grant <c>admin</c>, signed here: no call is needed, so they exist while signaling's own issuing is down. Each operator has their own (<c>console:NAME</c>), so that signaling's
/// audit log says who acted; what nobody asked for in particular is asked for by <c>console</c>.
/// </summary>
sealed class ServiceTokens(ServiceKey key, TimeProvider time)
{
    public const string Reader = "console";

    /// <summary>As many as there are accounts, about; when full, all are made anew.</summary>
    const int MaxKept = 256;

    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    static readonly TimeSpan Kept = TimeSpan.FromMinutes(8);

    static readonly Grants All = new(Channels: ["*"], Rooms: ["*"], Publish: false, Subscribe: false, Moderate: true, Admin: true);

    readonly byte[] _secret = Encoding.UTF8.GetBytes(key.Secret);
    readonly ConcurrentDictionary<string, (string Token, DateTimeOffset RenewAt)> _kept = new(StringComparer.Ordinal);

    /// <param name="account">Null: nobody in particular.</param>
    public string Get(string? account = null)
    {
        var user = account is null ? Reader : $"{Reader}:{account}";
        var now = time.GetUtcNow();
        if (_kept.TryGetValue(user, out var kept) && now < kept.RenewAt)
            return kept.Token;
        if (_kept.Count >= MaxKept)
            _kept.Clear();
        var claims = new JsonObject
        {
            ["sub"] = user,
            ["name"] = user,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
            ["jti"] = Guid.CreateVersion7(now).ToString(),
            ["grants"] = JsonSerializer.SerializeToNode(All, ContractsJson.Options),
        };
        var token = Hs256Jwt.Sign(key.Id, _secret, claims);
        _kept[user] = (token, now + Kept);
        return token;
    }
}
