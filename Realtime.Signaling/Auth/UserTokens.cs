using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Tokens;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Auth;

/// <summary>Mints and verifies user tokens (contract: Tokens). A team's backend may sign the same JWT itself with the same secret.</summary>
public sealed class UserTokens(KeyRing keys, Revocations revocations, IOptionsMonitor<AuthOptions> options, TimeProvider time)
{
    public const int MaxPatterns = 100;

    /// <exception cref="RealtimeException"><c>invalid</c>, with the member at fault.</exception>
    public TokenResponse Mint(string keyId, TokenRequest request)
    {
        if (!NameRules.IsUser(request.User))
            throw Invalid("user", $"A user id has 1 to {NameRules.MaxUserLength} of A-Z a-z 0-9 . _ : - @ + |");
        if (request.Name is not null && !NameRules.IsDisplayName(request.Name))
            throw Invalid("name", $"A display name has 1 to {NameRules.MaxDisplayNameLength} printable characters");
        var lifetime = options.CurrentValue.DefaultTokenLifetime;
        if (request.Ttl is not null && !TimeSpan.TryParseExact(request.Ttl, "c", CultureInfo.InvariantCulture, out lifetime))
            throw Invalid("ttl", "A time span as [d.]hh:mm:ss");
        if (lifetime <= TimeSpan.Zero || lifetime > options.CurrentValue.MaxTokenLifetime)
            throw Invalid("ttl", $"More than nothing and at most {options.CurrentValue.MaxTokenLifetime}");
        var grants = request.Grants ?? Grants.None;
        if (!AreSane(grants))
            throw Invalid("grants", $"At most {MaxPatterns} patterns each, names of up to {NameRules.MaxNameLength} characters");

        var secrets = keys.Secrets(keyId) ?? throw new RealtimeException(new(ErrorCode.Unauthenticated, "The key is unknown."));
        var now = time.GetUtcNow();
        var expires = DateTimeOffset.FromUnixTimeSeconds((now + lifetime).ToUnixTimeSeconds());
        var claims = new JsonObject
        {
            ["sub"] = request.User,
            ["name"] = request.Name ?? request.User,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["jti"] = Guid.CreateVersion7(now).ToString(),
            ["grants"] = JsonSerializer.SerializeToNode(grants, ContractsJson.Options),
        };
        return new TokenResponse(Hs256Jwt.Sign(keyId, secrets[0], claims), expires);
    }

    /// <summary>False: forged, malformed, expired or revoked; callers outside are told no more.</summary>
    public bool TryVerify(string token, [NotNullWhen(true)] out UserToken? verified)
    {
        verified = null;
        if (!Hs256Jwt.TryReadKeyId(token, out var keyId) || keyId is null || keys.Secrets(keyId) is not { } secrets)
            return false;
        if (Hs256Jwt.Verify(token, secrets, time.GetUtcNow(), out var claims) != JwtFailure.None || !TryRead(claims, out var read))
            return false;
        if (read.Expires - read.IssuedAt > options.CurrentValue.MaxTokenLifetime || revocations.IsRevoked(read))
            return false;
        verified = read with { Key = keyId };
        return true;
    }

    /// <summary>What the claims say, when they are of the shape of ours. <paramref name="grantsClaim"/> holds the grants.</summary>
    internal static bool TryRead(JsonElement claims, [NotNullWhen(true)] out UserToken? token, string grantsClaim = "grants")
    {
        token = null;
        if (Text(claims, "sub") is not { } user || !NameRules.IsUser(user))
            return false;
        var name = Text(claims, "name") is { } given && NameRules.IsDisplayName(given) && TextRules.CleanLine(given) is { Length: > 0 } clean ? clean : user;
        if (!TryReadTime(claims, "exp", out var expires) || !TryReadTime(claims, "iat", out var issued))
            return false;
        var grants = Grants.None;
        if (claims.TryGetProperty(grantsClaim, out var granted))
        {
            try
            {
                grants = granted.Deserialize<Grants>(ContractsJson.Options) ?? Grants.None;
            }
            catch (JsonException)
            {
                return false;
            }
        }
        if (!AreSane(grants))
            return false;
        token = new UserToken(Text(claims, "jti") is { Length: <= 128 } id ? id : "", user, name, grants, issued, expires);
        return true;
    }

    static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static bool TryReadTime(JsonElement claims, string name, out DateTimeOffset moment)
    {
        moment = default;
        if (!claims.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds))
            return false;
        // Year 1970 to 9999: what a DateTimeOffset can hold.
        if (!(seconds is >= 0 and < 253_402_300_799))
            return false;
        moment = DateTimeOffset.FromUnixTimeSeconds((long)seconds);
        return true;
    }

    static bool AreSane(Grants grants) => AreSane(grants.Channels) && AreSane(grants.Rooms);

    static bool AreSane(IReadOnlyList<string>? patterns) =>
        patterns is null || (patterns.Count <= MaxPatterns && patterns.All(static pattern => pattern is { Length: > 0 and <= NameRules.MaxNameLength + 1 }));

    static RealtimeException Invalid(string field, string message) => new(new(ErrorCode.Invalid, message, field));
}
