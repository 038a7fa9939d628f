using System.Security.Cryptography;

namespace Realtime.Media.Srtp;

/// <summary>
/// What one direction of SRTP or SRTCP encrypts and authenticates with (RFC 3711 §4.3). Held only while the transforms are set up:
/// <see cref="Dispose"/> wipes it.
/// </summary>
sealed class SrtpSessionKeys(byte[] key, byte[] salt, byte[] authentication) : IDisposable
{
    public ReadOnlySpan<byte> Key => key;

    public ReadOnlySpan<byte> Salt => salt;

    /// <summary>Empty for AEAD profiles.</summary>
    public ReadOnlySpan<byte> Authentication => authentication;

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(salt);
        CryptographicOperations.ZeroMemory(authentication);
    }
}
