using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Sdp;

public class CodecFormatTests
{
    /// <summary>RFC 6184 table 5, and what browsers offer.</summary>
    [Theory]
    [InlineData("42e01f", H264ProfileKind.ConstrainedBaseline, 31)]
    [InlineData("42C02A", H264ProfileKind.ConstrainedBaseline, 42)]
    [InlineData("4d8028", H264ProfileKind.ConstrainedBaseline, 40)]
    [InlineData("58c01e", H264ProfileKind.ConstrainedBaseline, 30)]
    [InlineData("42001f", H264ProfileKind.Baseline, 31)]
    [InlineData("42a00a", H264ProfileKind.Baseline, 10)]
    [InlineData("58801e", H264ProfileKind.Baseline, 30)]
    [InlineData("4d001f", H264ProfileKind.Main, 31)]
    [InlineData("4d4032", H264ProfileKind.Main, 50)]
    [InlineData("640c1f", H264ProfileKind.ConstrainedHigh, 31)]
    [InlineData("640034", H264ProfileKind.High, 52)]
    public void ProfilesAreRead(string text, H264ProfileKind kind, byte level)
    {
        Assert.True(H264Profile.TryParse(text, out var profile));
        Assert.Equal(new H264Profile(kind, level), profile);
    }

    [Theory]
    [InlineData("")]
    [InlineData("42e01")]
    [InlineData("42e01f0")]
    [InlineData("zze01f")]
    [InlineData("f4001f")]
    [InlineData("58001f")]
    [InlineData("64ff1f")]
    public void UnknownProfilesAreNot(string text) => Assert.False(H264Profile.TryParse(text, out _));

    [Theory]
    [InlineData("packetization-mode=1;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=42e034;level-asymmetry-allowed=1", true)]
    [InlineData("packetization-mode=1;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=4d801f", true)]
    [InlineData("packetization-mode=1;profile-level-id=42e01f", "profile-level-id=42e01f", false)]
    [InlineData("packetization-mode=1;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=42001f", false)]
    [InlineData("packetization-mode=0;profile-level-id=42e01f", "profile-level-id=42e01f", true)]
    [InlineData("profile-level-id=42000a", "", true)]
    [InlineData("packetization-mode=2;profile-level-id=42e01f", "packetization-mode=2;profile-level-id=42e01f", false)]
    public void SameH264IsSameProfileAndModeWhateverTheLevel(string a, string b, bool same)
    {
        Assert.Equal(same, CodecFormat.IsSame(H264(a), H264(b)));
        Assert.Equal(same, CodecFormat.IsSame(H264(b), H264(a)));
    }

    [Theory]
    [InlineData("packetization-mode=1;profile-level-id=42001f", "packetization-mode=1;profile-level-id=42e01f", true)]
    [InlineData("packetization-mode=1;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=42001f", false)]
    [InlineData("packetization-mode=1;profile-level-id=64001f", "packetization-mode=0;profile-level-id=4d001f", true)]
    [InlineData("packetization-mode=0;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=42e01f", false)]
    [InlineData("packetization-mode=1;profile-level-id=640c1f", "packetization-mode=1;profile-level-id=4d001f", false)]
    public void ALargerDecoderTakesTheSubset(string receiver, string stream, bool decodes) => Assert.Equal(decodes, CodecFormat.Decodes(H264(receiver), H264(stream)));

    [Fact]
    public void OtherCodecsGoByNameAndProfile()
    {
        Assert.True(CodecFormat.IsSame(Video("VP9", ""), Video("vp9", "profile-id=0")));
        Assert.False(CodecFormat.Decodes(Video("VP9", "profile-id=2"), Video("VP9", "")));
        Assert.True(CodecFormat.IsSame(Video("AV1", "level-idx=5;profile=0;tier=0"), Video("AV1", "")));
        Assert.False(CodecFormat.IsSame(Video("VP8", ""), Video("VP9", "")));
    }

    static Codec H264(string parameters) => Video("H264", parameters);

    static Codec Video(string name, string parameters) => new(new PayloadType(100), name, 90_000) { FormatParameters = parameters };
}
