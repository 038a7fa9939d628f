using Realtime.Media.Srtp;
using Xunit;

namespace Realtime.Tests.Media.Srtp;

public class KeyDerivationTests
{
    [Fact]
    public void RFC_3711_B3_session_keys()
    {
        AssertExpands(KeyDerivation.Label.RtpEncryption, "C61E7A93744F39EE10734AFE3FF7A087");
        AssertExpands(KeyDerivation.Label.RtpSalt, "30CBBC08863D8C85D49DB34A9AE1");
        AssertExpands(KeyDerivation.Label.RtpAuthentication,
            "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25"
            + "6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2");
    }

    [Fact]
    public void RFC_3711_B2_keystream()
    {
        using var aes = new CtrCipher(Convert.FromHexString("2B7E151628AED2A6ABF7158809CF4F3C"));
        var stream = new byte[48];
        aes.Apply(Convert.FromHexString("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"), stream, stream);
        Assert.Equal("E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0", Convert.ToHexString(stream));
    }

    [Fact]
    public void A_shorter_salt_counts_as_padded_with_zeros()
    {
        var padded = KeyDerivation.Expand(SrtpVectors.MasterKey, [.. SrtpVectors.MasterSalt[..12], 0, 0], KeyDerivation.Label.RtcpSalt, 12);
        Assert.Equal(padded, KeyDerivation.Expand(SrtpVectors.MasterKey, SrtpVectors.MasterSalt[..12], KeyDerivation.Label.RtcpSalt, 12));
    }

    static void AssertExpands(KeyDerivation.Label label, string expected)
    {
        var key = KeyDerivation.Expand(SrtpVectors.MasterKey, SrtpVectors.MasterSalt, label, expected.Length / 2);
        Assert.Equal(expected, Convert.ToHexString(key));
    }
}
