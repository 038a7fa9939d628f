using System.Net;
using StackExchange.Redis;
using Xunit;

namespace Realtime.Tests.Minimal.Redis;

public sealed class ConfigurationOptionsTests
{
    [Fact]
    public void ReadsWhatAspireAndAzureWrite()
    {
        var options = ConfigurationOptions.Parse("cache:6380, [::1]:7000,127.0.0.1,password=a=b,ssl=true,sslHost=cache.example,abortConnect=false,connectTimeout=100,syncTimeout=200,connectRetry=9,name=me,user=u,defaultDatabase=2,keepAlive=10,protocol=resp3");
        Assert.Equal([new DnsEndPoint("cache", 6380), new IPEndPoint(IPAddress.IPv6Loopback, 7000), new IPEndPoint(IPAddress.Loopback, 6379)], options.EndPoints);
        Assert.Equal(("a=b", true, "cache.example", false, 100, 200), (options.Password, options.Ssl, options.SslHost, options.AbortOnConnectFail, options.ConnectTimeout, options.AsyncTimeout));
        Assert.Equal((9, "me", "u", 2, 10), (options.ConnectRetry, options.ClientName, options.User, options.DefaultDatabase, options.KeepAlive));
        Assert.Equal(options.ToString(), ConfigurationOptions.Parse(options.ToString()).ToString());
        Assert.Equal(options.ToString(), options.Clone().ToString());
        Assert.DoesNotContain("a=b", options.ToString(includePassword: false));
    }

    [Theory]
    [InlineData("a,nonsense=1")]
    [InlineData("a:b")]
    [InlineData("a,connectTimeout=x")]
    [InlineData("a,ssl=maybe")]
    public void SaysWhatItCannotRead(string text) => Assert.ThrowsAny<ArgumentException>(() => ConfigurationOptions.Parse(text));
}
