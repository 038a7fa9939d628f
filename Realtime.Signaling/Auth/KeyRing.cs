using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Auth;

/// <summary>The API keys in force, and what is derived from them. Follows the configuration.</summary>
public sealed class KeyRing : IDisposable
{
    static readonly byte[] Nobody = RandomNumberGenerator.GetBytes(32);

    readonly IDisposable? _subscription;
    volatile IReadOnlyDictionary<string, byte[][]> _keys;

    public KeyRing(IOptionsMonitor<AuthOptions> options)
    {
        _keys = Read(options.CurrentValue);
        _subscription = options.OnChange(changed => _keys = Read(changed));
    }

    /// <summary>A key's secrets, the signing one first; null for an unknown key.</summary>
    public byte[][]? Secrets(string keyId) => _keys.GetValueOrDefault(keyId);

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

    /// <summary>Keys for a purpose of our own, one per secret in force, the one to sign with first: every replica derives the same.</summary>
    public IReadOnlyList<byte[]> Derived(string purpose)
    {
        var info = Encoding.UTF8.GetBytes(purpose);
        return [.. _keys.OrderBy(static key => key.Key, StringComparer.Ordinal).SelectMany(static key => key.Value)
            .Select(secret => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: info))];
    }

    static Dictionary<string, byte[][]> Read(AuthOptions options) =>
        options.Keys.ToDictionary(static key => key.Id, static key => key.Secrets.Select(Encoding.UTF8.GetBytes).ToArray(), StringComparer.Ordinal);

    public void Dispose() => _subscription?.Dispose();
}
