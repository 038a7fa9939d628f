using Realtime.Media.Srtp;

namespace Realtime.Media.Relay;

/// <summary>
/// The SRTP master keys and salts of a link, as they come over the control channel: the dialling end's key and salt, then the other's. AES-128-GCM.
/// </summary>
public readonly record struct RelayKeys(ReadOnlyMemory<byte> Material)
{
    public const SrtpProfile Profile = SrtpProfile.AeadAes128Gcm;

    const int KeyLength = 16;
    const int SaltLength = 12;

    public const int Length = 2 * (KeyLength + SaltLength);

    public ReadOnlySpan<byte> Key(bool ofDialler) => Material.Span.Slice(ofDialler ? 0 : KeyLength + SaltLength, KeyLength);

    public ReadOnlySpan<byte> Salt(bool ofDialler) => Material.Span.Slice((ofDialler ? 0 : KeyLength + SaltLength) + KeyLength, SaltLength);
}
