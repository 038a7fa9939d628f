namespace Realtime.Media.Srtp;

/// <summary>The protection profiles spoken here; the values are those of the <c>use_srtp</c> extension (RFC 5764 §4.1.2, RFC 7714 §14.2).</summary>
public enum SrtpProfile : ushort
{
    AesCm128HmacSha1_80 = 0x0001,
    AeadAes128Gcm = 0x0007,
}

public static class SrtpProfiles
{
    /// <summary>The longest any profile adds to an RTP packet.</summary>
    public const int MaxRtpOverhead = 16;

    /// <summary>The longest any profile adds to an RTCP packet: tag and index word.</summary>
    public const int MaxRtcpOverhead = 16 + 4;

    /// <summary>False for a profile not spoken here.</summary>
    public static bool TryFromId(ushort id, out SrtpProfile profile)
    {
        profile = (SrtpProfile)id;
        return profile is SrtpProfile.AeadAes128Gcm or SrtpProfile.AesCm128HmacSha1_80;
    }

    public static int KeyLength(this SrtpProfile profile) => profile is SrtpProfile.AeadAes128Gcm or SrtpProfile.AesCm128HmacSha1_80
        ? 16
        : throw new ArgumentOutOfRangeException(nameof(profile));

    public static int SaltLength(this SrtpProfile profile) => profile switch
    {
        SrtpProfile.AeadAes128Gcm => 12,
        SrtpProfile.AesCm128HmacSha1_80 => 14,
        _ => throw new ArgumentOutOfRangeException(nameof(profile)),
    };

    public static int TagLength(this SrtpProfile profile) => profile switch
    {
        SrtpProfile.AeadAes128Gcm => 16,
        SrtpProfile.AesCm128HmacSha1_80 => 10,
        _ => throw new ArgumentOutOfRangeException(nameof(profile)),
    };
}
