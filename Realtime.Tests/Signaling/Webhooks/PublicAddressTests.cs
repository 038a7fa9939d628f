using System.Net;
using Realtime.Signaling.Webhooks;
using Xunit;

namespace Realtime.Tests.Signaling.Webhooks;

/// <summary>Nothing a URL or a name server says brings us to ourselves, to our neighbours or to a cloud's metadata.</summary>
public class PublicAddressTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    [InlineData("192.0.2.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.9")]
    [InlineData("224.0.0.251")]
    [InlineData("255.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::7f00:1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::a00:1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("2001:0:4136:e378::1")]
    [InlineData("2001:db8::1")]
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fe80::a9fe:a9fe%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("5f00::1")]
    [InlineData("100::1")]
    public void Is_not_out_there(string address)
    {
        Assert.False(PublicAddress.IsPublic(IPAddress.Parse(address)));
        Assert.Empty(GuardedConnect.Choose([IPAddress.Parse(address)], tls: true, []));
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("1.1.1.1")]
    [InlineData("172.15.0.1")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("169.253.1.1")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001:80b::200e")]
    [InlineData("2001:4860:4860::8888")]
    public void Is_out_there(string address) => Assert.True(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public void Of_a_name_with_both_only_the_public_addresses_are_called_and_without_TLS_only_the_allowed()
    {
        IPAddress[] both = [IPAddress.Parse("169.254.169.254"), IPAddress.Parse("8.8.8.8"), IPAddress.Loopback];
        IPNetwork[] development = [IPNetwork.Parse("127.0.0.0/8")];
        Assert.Equal([both[1]], GuardedConnect.Choose(both, tls: true, []));
        Assert.Empty(GuardedConnect.Choose(both, tls: false, []));
        Assert.Equal([both[2]], GuardedConnect.Choose(both, tls: false, development));
        Assert.Equal([both[1], both[2]], GuardedConnect.Choose(both, tls: true, development));
    }

    [Theory]
    [InlineData("http://example.org/")]
    [InlineData("ftp://example.org/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://user@example.org/")]
    [InlineData("https://user:secret@example.org/")]
    [InlineData("https://example.org/#x")]
    [InlineData("https://")]
    [InlineData("//example.org/")]
    [InlineData("example.org")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://[fe80::1%25eth0]/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://exa\nmple.org/")]
    [InlineData("")]
    [InlineData(null)]
    public void Is_no_endpoint(string? url) => Assert.NotNull(WebhookUrl.Check(url, new WebhookOptions(), out _));

    [Theory]
    [InlineData("https://example.org/hook?a=b")]
    [InlineData("https://example.org:8443/")]
    [InlineData("https://b\u00fccher.example/")]
    [InlineData("https://8.8.8.8/")]
    public void Is_an_endpoint(string url) => Assert.Null(WebhookUrl.Check(url, new WebhookOptions(), out _));
}
