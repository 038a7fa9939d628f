using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Client;

/// <summary>A token, or how to get one. A plain string converts to one; what is renewed by itself is made by <see cref="From"/> or <see cref="FromKey"/>.</summary>
public sealed class RealtimeToken
{
    readonly Func<CancellationToken, Task<string>> _get;

    RealtimeToken(Func<CancellationToken, Task<string>> get, bool isRenewable) => (_get, IsRenewable) = (get, isRenewable);

    /// <summary>Whether a refused or ended token can be replaced by asking again.</summary>
    public bool IsRenewable { get; }

    /// <summary>One token, for as long as it lasts.</summary>
    public static implicit operator RealtimeToken(string token) => new(_ => Task.FromResult(token), isRenewable: false);

    /// <summary>Asks for one whenever one is needed: at the start, a minute before the last one ends, and after one was refused.</summary>
    public static RealtimeToken From(Func<CancellationToken, Task<string>> provider) => new(provider, isRenewable: true);

    /// <summary>For services that hold an API key: signs tokens itself (HS256), so that nobody has to be asked.</summary>
    /// <param name="grants">Everything that is not granted is denied.</param>
    /// <param name="lifetime">Of each token; 10 minutes.</param>
    public static RealtimeToken FromKey(string keyId, string secret, string user, Grants grants, string? name = null, TimeSpan? lifetime = null) =>
        From(_ => Task.FromResult(Sign(keyId, secret, user, grants, name, lifetime ?? TimeSpan.FromMinutes(10))));

    internal Task<string> GetAsync(CancellationToken cancellation) => _get(cancellation);

    static string Sign(string keyId, string secret, string user, Grants grants, string? name, TimeSpan lifetime)
    {
        var now = DateTimeOffset.UtcNow;
        var header = Encode(new { alg = "HS256", typ = "JWT", kid = keyId });
        var claims = Encode(new
        {
            sub = user,
            name = name ?? user,
            iat = now.ToUnixTimeSeconds(),
            exp = (now + lifetime).ToUnixTimeSeconds(),
            jti = Guid.CreateVersion7().ToString(),
            grants,
        });
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes($"{header}.{claims}"));
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    static string Encode<T>(T part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part, ContractsJson.Options));
}
