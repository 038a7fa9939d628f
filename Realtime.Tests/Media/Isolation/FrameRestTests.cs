using Realtime.Media.Isolation;
using Xunit;

namespace Realtime.Tests.Media.Isolation;

public class FrameRestTests
{
    [Theory]
    [InlineData(0x80, 96, 1200, true)]
    [InlineData(0x90, 96, 401, true)]
    [InlineData(0x80, 96 | 0x80, 1200, false)]
    [InlineData(0x80, 111, 160, false)]
    [InlineData(0x80, 200, 1200, false)]
    [InlineData(0x00, 1, 1200, false)]
    [InlineData(0x16, 0x7E, 1200, false)]
    public void Only_a_long_rtp_packet_without_marker_is_followed_by_the_rest_of_its_frame(byte first, byte second, int length, bool follows)
    {
        var datagram = new byte[length];
        (datagram[0], datagram[1]) = (first, second);
        Assert.Equal(follows, FrameRest.Follows(datagram));
    }

    [Fact]
    public void Nothing_follows_nothing() => Assert.False(FrameRest.Follows([]));
}
