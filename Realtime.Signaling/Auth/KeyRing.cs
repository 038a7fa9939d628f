using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Auth;

/// <summary>The API keys in force, configured ones before stored ones, and what is derived from them. Follows the configuration.</summary>
public sealed class KeyRing : IDisposable
{
    static readonly byte[] Nobody = RandomNumberGenerator.GetBytes(32);

    readonly IDisposable? _subscription;
    volatile IReadOnlyDictionary<string, byte[][]> _keys;
    volatile IReadOnlyDictionary<string, byte[][]> _stored = new Dictionary<string, byte[][]>();
    volatile byte[] _master;

    public KeyRing(IOptionsMonitor<AuthOptions> options)
    {
        _keys = Read(options.CurrentValue);
        _master = Master(options.CurrentValue);
        _subscription = options.OnChange(changed => (_keys, _master) = (Read(changed), Master(changed)));
    }

    /// <summary>A key's secrets, the signing one first; null for an unknown key.</summary>
    public byte[][]? Secrets(string keyId) => _keys.GetValueOrDefault(keyId) ?? _stored.GetValueOrDefault(keyId);

    public bool IsConfigured(string keyId) => _keys.ContainsKey(keyId);

    /// <summary>The keys in Postgres are these now.</summary>
    public void SetStored(IReadOnlyDictionary<string, byte[][]> stored) => _stored = stored;

    /// <summary>Whether the pair is one of ours. Takes as long for an unknown key as for a wrong secret.</summary>
    public bool Matches(string keyId, string secret)
    {
        // Compared as hashes: equal lengths, whatever was sent.
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> known = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(secret), given);
        var matches = false;
        var secrets = Secrets(keyId);
        foreach (var candidate in secrets ?? [Nobody])
        {
            SHA256.HashData(candidate, known);
            matches |= CryptographicOperations.FixedTimeEquals(given, known);
        }
        return matches && secrets is not null;
    }

    /// <summary>
    /// Keys for a purpose of our own, one per configured secret (stored ones come and go at different moments on different replicas), or from the master key where none is
    /// configured; the one to sign with first: every replica derives the same.
    /// </summary>
    public IReadOnlyList<byte[]> Derived(string purpose)
    {
        var info = Encoding.UTF8.GetBytes(purpose);
        var secrets = _keys.OrderBy(static key => key.Key, StringComparer.Ordinal).SelectMany(static key => key.Value).DefaultIfEmpty(_master);
        return [.. secrets
            .Select(secret => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: info))];
    }

    /// <summary>With an external issuer alone there may be none: then resume tokens are good for as long as this process, and for no other replica.</summary>
    static byte[] Master(AuthOptions options) => options.MasterKey.Length > 0 ? Convert.FromBase64String(options.MasterKey) : Nobody;

    static Dictionary<string, byte[][]> Read(AuthOptions options) =>
        options.Keys.ToDictionary(static key => key.Id, static key => key.Secrets.Select(Encoding.UTF8.GetBytes).ToArray(), StringComparer.Ordinal);

    public void Dispose() => _subscription?.Dispose();
}
