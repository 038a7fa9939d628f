using System.Net;
using Realtime.Media.Core;
using Xunit;

namespace Realtime.Tests.Media.Core;

public class NetAddressTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("192.0.2.2", true)]
    [InlineData("::1", false)]
    [InlineData("fd00::2", false)]
    public void EndpointsGoThereAndBack(string text, bool isIPv4)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(text), 40_000);
        var address = NetAddress.From(endpoint);
        Assert.Equal(isIPv4, address.IsIPv4);
        Assert.Equal(endpoint, address.ToIPEndPoint());
        Assert.False(address.IsTcp);
    }

    [Fact]
    public void MappedAndPlainIPv4AreOneAddress()
    {
        Assert.Equal(NetAddress.FromIPv4(0x7F000001, 5), NetAddress.From(new IPEndPoint(IPAddress.Parse("::ffff:127.0.0.1"), 5)));
        Assert.NotEqual(NetAddress.FromIPv4(0x7F000001, 5), NetAddress.FromIPv4(0x7F000001, 5, connection: 1));
        Assert.Equal(0x7F000001u, NetAddress.FromIPv4(0x7F000001, 5).IPv4);
    }
}
