namespace Realtime.Media.Srtp;

/// <summary>
/// Session keys from the master key and salt: AES-CM as the pseudo-random function (RFC 3711 §4.3; RFC 7714 §11 pads its shorter salt
/// with zeros to the right). The key derivation rate is zero, as DTLS-SRTP has it.
/// </summary>
static class KeyDerivation
{
    const int AuthenticationKeyLength = 20;

    /// <summary>The labels of RFC 3711 §4.3.1 and §4.3.2.</summary>
    public enum Label : byte
    {
        RtpEncryption = 0,
        RtpAuthentication = 1,
        RtpSalt = 2,
        RtcpEncryption = 3,
        RtcpAuthentication = 4,
        RtcpSalt = 5,
    }

    public static SrtpSessionKeys ForRtp(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt) =>
        Derive(profile, masterKey, masterSalt, Label.RtpEncryption, Label.RtpAuthentication, Label.RtpSalt);

    public static SrtpSessionKeys ForRtcp(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt) =>
        Derive(profile, masterKey, masterSalt, Label.RtcpEncryption, Label.RtcpAuthentication, Label.RtcpSalt);

    static SrtpSessionKeys Derive(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, Label encryption, Label authentication, Label salt)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(masterKey.Length, profile.KeyLength());
        ArgumentOutOfRangeException.ThrowIfNotEqual(masterSalt.Length, profile.SaltLength());
        return new SrtpSessionKeys(
            Expand(masterKey, masterSalt, encryption, profile.KeyLength()),
            Expand(masterKey, masterSalt, salt, profile.SaltLength()),
            profile == SrtpProfile.AeadAes128Gcm ? [] : Expand(masterKey, masterSalt, authentication, AuthenticationKeyLength));
    }

    /// <summary>AES-CM keystream from (label XOR salt) × 2^16.</summary>
    public static byte[] Expand(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, Label label, int length)
    {
        Span<byte> counter = stackalloc byte[16];
        counter.Clear();
        masterSalt.CopyTo(counter);
        counter[7] ^= (byte)label;
        var output = new byte[length];
        using var aes = new CtrCipher(masterKey);
        aes.Apply(counter, output, output);
        return output;
    }
}
