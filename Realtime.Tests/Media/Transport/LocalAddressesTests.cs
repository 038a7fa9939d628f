using System.Net;
using Realtime.Media.Core;
using Realtime.Media.Transport;
using Xunit;

namespace Realtime.Tests.Media.Transport;

public class LocalAddressesTests
{
    static readonly IPAddress[] Plain = [IPAddress.Loopback, IPAddress.Parse("10.0.0.4"), IPAddress.IPv6Loopback, IPAddress.Parse("fe80::1"), IPAddress.Parse("2001:db8::4")];

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.2", "127.0.0.1", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("10.0.0.4", "203.0.113.7", true)]
    [InlineData("10.0.0.4", "127.0.0.1", false)]
    [InlineData("2001:db8::4", "2001:db8:1::9", true)]
    [InlineData("fe80::1", "fe80::9", false)]
    public void With_one_address_of_a_family_the_route_chooses_it(string local, string remote, bool isObvious) =>
        Assert.Equal(isObvious, NumberOf(new LocalAddresses(Plain), local, remote) == 0);

    [Fact]
    public void With_several_each_has_its_number_and_keeps_it()
    {
        var addresses = new LocalAddresses([.. Plain, IPAddress.Parse("172.17.0.1")]);
        Assert.Equal(-1, NumberOf(addresses, "10.0.0.4", "203.0.113.7"));
        Assert.Equal(-2, NumberOf(addresses, "172.17.0.1", "203.0.113.7"));
        Assert.Equal(-1, NumberOf(addresses, "10.0.0.4", "203.0.113.8"));
        Assert.Equal(0, NumberOf(addresses, "2001:db8::4", "2001:db8:1::9"));
        Assert.True(addresses.TryGet(-2, out var second));
        Assert.Equal(Of("172.17.0.1"), second);
        Assert.False(addresses.TryGet(-3, out _));
        Assert.False(addresses.TryGet(0, out _));
    }

    [Fact]
    public void More_than_it_holds_are_left_to_the_route()
    {
        var addresses = new LocalAddresses([]);
        var numbers = Enumerable.Range(0, 300).Select(i => NumberOf(addresses, $"10.0.{i / 256}.{i % 256}", "203.0.113.7")).ToList();
        Assert.Equal(256, numbers.Where(number => number < 0).Distinct().Count());
        Assert.All(numbers.Skip(256), number => Assert.Equal(0, number));
    }

    static int NumberOf(LocalAddresses addresses, string local, string remote) => addresses.NumberOf(Of(local), NetAddress.From(new IPEndPoint(IPAddress.Parse(remote), 5000)));

    static LocalAddress Of(string text)
    {
        var address = NetAddress.From(new IPEndPoint(IPAddress.Parse(text), 0));
        return new LocalAddress(address.High, address.Low, 0);
    }
}
