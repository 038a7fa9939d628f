using System.Security.Cryptography;

namespace Realtime.Media.Dtls;

/// <summary>
/// The SRTP master keys and salts of both directions (RFC 5764 §4.2): EXTRACTOR-dtls_srtp gives client key, server key, client salt,
/// server salt. <see cref="Dispose"/> wipes them.
/// </summary>
public sealed class DtlsSrtpKeys : IDisposable
{
    const int KeyLength = 16;

    readonly byte[] material;
    readonly int saltLength;
    readonly int localIndex;

    internal DtlsSrtpKeys(ushort profileId, byte[] material, bool isServer)
    {
        ProfileId = profileId;
        this.material = material;
        saltLength = (material.Length / 2) - KeyLength;
        localIndex = isServer ? 1 : 0;
    }

    /// <summary>The <c>use_srtp</c> profile: 0x0007 AEAD_AES_128_GCM or 0x0001 AES128_CM_HMAC_SHA1_80.</summary>
    public ushort ProfileId { get; }

    /// <summary>Of the packets we send.</summary>
    public ReadOnlySpan<byte> SendKey => Key(localIndex);

    public ReadOnlySpan<byte> SendSalt => Salt(localIndex);

    /// <summary>Of the packets we receive.</summary>
    public ReadOnlySpan<byte> ReceiveKey => Key(1 - localIndex);

    public ReadOnlySpan<byte> ReceiveSalt => Salt(1 - localIndex);

    /// <summary>Both keys and salts of a profile, in bytes; 0 for a profile not spoken here.</summary>
    internal static int MaterialLength(ushort profileId) => profileId switch
    {
        0x0001 => 2 * (KeyLength + 14),
        0x0007 => 2 * (KeyLength + 12),
        _ => 0,
    };

    public void Dispose() => CryptographicOperations.ZeroMemory(material);

    ReadOnlySpan<byte> Key(int index) => material.AsSpan(index * KeyLength, KeyLength);

    ReadOnlySpan<byte> Salt(int index) => material.AsSpan((2 * KeyLength) + (index * saltLength), saltLength);
}
