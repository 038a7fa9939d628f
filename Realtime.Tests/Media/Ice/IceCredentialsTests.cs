using System.Net;
using Realtime.Media.Core;
using Realtime.Media.Ice;
using Xunit;

namespace Realtime.Tests.Media.Ice;

public class IceCredentialsTests
{
    [Fact]
    public void Own_credentials_are_long_random_and_have_a_key()
    {
        var entropy = new Entropy(7);
        var all = Enumerable.Range(0, 1000).Select(_ => IceCredentials.Create(entropy)).ToList();
        Assert.Equal(1000, all.Select(c => c.Ufrag).Distinct().Count());
        Assert.All(all, c =>
        {
            Assert.True(c.TryGetUfragKey(out var key));
            Assert.Equal(c.Ufrag, key.ToString());
            Assert.InRange(c.Password.Length, 22, 256);
            Assert.DoesNotContain(c.Password, c.ToString());
        });
    }

    [Theory]
    [InlineData("abc", "0123456789012345678901", false)]
    [InlineData("abcd", "012345678901234567890", false)]
    [InlineData("ab:d", "0123456789012345678901", false)]
    [InlineData("abcd", "0123456789012345678901", true)]
    public void Foreign_credentials_are_checked(string ufrag, string password, bool valid) =>
        Assert.Equal(valid, IceCredentials.TryCreate(ufrag, password, out _));

    [Fact]
    public void Candidates_read_as_they_were_written()
    {
        var address = NetAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 40000));
        Assert.Equal("u0 1 udp 2130706431 192.0.2.7 40000 typ host", IceCandidate.HostUdp(address, 0).ToString());
        Assert.EndsWith("typ host tcptype passive", IceCandidate.HostTcpPassive(address, 0).ToString());
        Assert.True(IceCandidate.HostUdp(address, 1).Priority < IceCandidate.HostUdp(address, 0).Priority);
        Assert.True(IceCandidate.HostTcpPassive(address, 0).Priority < IceCandidate.HostUdp(address, 9).Priority);
        Assert.True(IceCandidate.TryRead(IceCandidate.HostUdp(address, 3).ToString(), out var read));
        Assert.Equal(IceCandidate.HostUdp(address, 3), read);
        Assert.False(IceCandidate.TryRead("1 1 udp 2113937151 a1b2.local 51234 typ host", out _));
    }
}
