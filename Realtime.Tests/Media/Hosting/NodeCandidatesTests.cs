using Realtime.Media.Hosting;
using Xunit;

namespace Realtime.Tests.Media.Hosting;

public class NodeCandidatesTests
{
    [Fact]
    public void Udp_before_tcp_public_before_local_each_in_the_options_order()
    {
        var options = new MediaOptions { AnnouncedAddresses = "203.0.113.7/10.0.0.4, 2001:db8::7" };
        var candidates = NodeCandidates.Of(options.Announced, 40000, 40000);
        Assert.Equal(
            [
                "udp 203.0.113.7 40000", "udp 2001:db8::7 40000", "udp 10.0.0.4 40000",
                "tcp 203.0.113.7 40000 passive", "tcp 2001:db8::7 40000 passive", "tcp 10.0.0.4 40000 passive",
            ],
            candidates.Select(Outline));
        var priorities = candidates.Select(candidate => uint.Parse(candidate.Split(' ')[3])).ToList();
        Assert.Equal(priorities.OrderDescending(), priorities);
        Assert.Equal(candidates.Count, candidates.Select(candidate => candidate.Split(' ')[0]).Distinct().Count());
    }

    [Fact]
    public void A_node_without_udp_announces_tcp_alone()
    {
        var options = new MediaOptions { AnnouncedAddresses = "203.0.113.7", Udp = false, TcpPort = 8443 };
        Assert.Null(options.UdpEndPoint);
        Assert.Equal(8443, options.TcpEndPoint!.Port);
        Assert.Equal(["tcp 203.0.113.7 8443 passive"], NodeCandidates.Of(options.Announced, 0, 8443).Select(Outline));
    }

    [Fact]
    public void The_tcp_port_is_the_first_udp_ports_number_unless_told_otherwise()
    {
        Assert.Equal(40100, new MediaOptions { UdpPort = 40100 }.TcpEndPoint!.Port);
        Assert.Equal(40500, new MediaOptions { UdpPort = 40100, TcpPort = 40500 }.TcpEndPoint!.Port);
    }

    [Theory]
    [InlineData("203.0.113.7/nowhere")]
    [InlineData("media.example.org")]
    [InlineData("203.0.113.7/")]
    [InlineData("/10.0.0.4")]
    public void Every_mistake_is_named(string announced)
    {
        var result = new MediaOptionsValidator().Validate(null, new MediaOptions
        {
            AnnouncedAddresses = announced,
            ControlSecret = new string('s', 32),
            Udp = false,
            Tcp = false,
            TcpPort = 70000,
        });
        Assert.Equal(3, result.Failures!.Count());
        Assert.Contains(result.Failures!, failure => failure.Contains(announced));
    }

    static string Outline(string candidate)
    {
        var parts = candidate.Split(' ');
        return string.Join(' ', [parts[2], parts[4], parts[5], .. parts.Skip(9)]);
    }
}
