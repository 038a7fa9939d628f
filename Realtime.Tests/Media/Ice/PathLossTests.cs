using Realtime.Media.Ice;
using Xunit;

namespace Realtime.Tests.Media.Ice;

/// <summary>Paths that end, as TCP connections do; and the choice between UDP and TCP, which is the controlling side's.</summary>
public class PathLossTests
{
    static readonly uint UdpPriority = IceCandidate.PriorityOf(110, 65535);
    static readonly uint TcpPriority = IceCandidate.PriorityOf(80, 65535);

    readonly IceBench bench = new();

    [Fact]
    public void Udp_nominated_later_wins_over_tcp_and_tcp_takes_over_when_udp_is_not_named_any_more()
    {
        var tcp = bench.Client(priority: TcpPriority);
        var udp = bench.Client(priority: UdpPriority);
        bench.Check(tcp, 2);
        Assert.Equal(2, bench.Selected());
        bench.Check(udp, 1);
        Assert.Equal(1, bench.Selected());
        bench.Check(tcp, 2);
        Assert.Equal(1, bench.Selected());
        bench.Pass(TimeSpan.FromSeconds(3));
        bench.Check(tcp, 2);
        Assert.Equal(2, bench.Selected());
    }

    [Fact]
    public void Another_living_path_takes_over_at_once()
    {
        bench.Check(bench.Client(priority: UdpPriority), 1);
        bench.Check(bench.Client(priority: TcpPriority), 2, nominate: false);
        bench.Check(bench.Client(priority: UdpPriority), 3, nominate: false);
        bench.Events();
        bench.Agent.RemovePath(bench.Now, IceBench.Address(1));
        Assert.Equal(3, bench.Selected());
        Assert.Equal([IceEventKind.PathChanged], bench.Events());
        Assert.False(bench.Agent.IsValidated(IceBench.Address(1)));
        Assert.True(bench.Agent.IsValidated(IceBench.Address(2)));
    }

    [Fact]
    public void Without_another_path_nothing_is_sent_and_five_seconds_are_left_to_come_back()
    {
        bench.Check(bench.Client(), 1);
        bench.Events();
        bench.Agent.RemovePath(bench.Now, IceBench.Address(1));
        Assert.Null(bench.Selected());
        Assert.Equal([IceEventKind.PathLost], bench.Events());
        Assert.Equal(bench.Now + TimeSpan.FromSeconds(5), bench.Agent.NextDeadline);

        bench.Pass(TimeSpan.FromSeconds(4));
        bench.Check(bench.Client(), 2);
        Assert.Equal(2, bench.Selected());
        Assert.Equal([IceEventKind.Connected], bench.Events());
        Assert.Equal(bench.Now + TimeSpan.FromSeconds(30), bench.Agent.NextDeadline);

        bench.Agent.RemovePath(bench.Now, IceBench.Address(2));
        bench.Events();
        bench.Pass(TimeSpan.FromSeconds(5));
        bench.Agent.Tick(bench.Now);
        Assert.Equal([IceEventKind.ConsentExpired], bench.Events());
    }

    [Fact]
    public void A_path_that_was_not_selected_leaves_quietly()
    {
        for (var i = 1; i <= 3; i++) bench.Check(bench.Client(priority: UdpPriority), i, nominate: i == 3);
        bench.Events();
        bench.Agent.RemovePath(bench.Now, IceBench.Address(1));
        Assert.Equal(3, bench.Selected());
        Assert.Empty(bench.Events());
        bench.Agent.RemovePath(bench.Now, IceBench.Address(9));
        Assert.Equal(3, bench.Selected());
    }
}
