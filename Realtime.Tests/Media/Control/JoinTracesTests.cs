using System.Diagnostics;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Control;
using Realtime.ServiceDefaults.Telemetry;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Media.Control;

public sealed class JoinTracesTests
{
    [Fact]
    public void AJoinIsFollowedToItsConnection_InTheTraceOfWhoAsked()
    {
        using var spans = new SpanRecorder(RealtimeTelemetry.Media.Name);
        var joins = new JoinTraces();
        using var command = new Activity("command").Start();
        joins.Begin("room", 1, "ann");
        joins.Begin("room", 1, "bob");
        joins.Begin("room", 1, "cid");
        Assert.Same(command, Activity.Current);
        joins.Heard(new PeerStateEvent("room", 1, "ann", "connecting"));
        joins.Heard(new PeerStateEvent("room", 2, "ann", "connected"));
        Assert.Equal(3, joins.Waiting);
        joins.Heard(new PeerStateEvent("room", 1, "ann", "connected"));
        joins.Heard(new PeerLeftEvent("room", 1, "bob", LeaveReason.ConsentExpired));
        joins.Refused("room", 1, "cid");
        Assert.Equal(0, joins.Waiting);

        var own = spans.All.Where(span => span.TraceId == command.TraceId).ToList();
        Assert.Equal(
            [("ann", ActivityStatusCode.Ok, null), ("bob", ActivityStatusCode.Error, LeaveReason.ConsentExpired), ("cid", ActivityStatusCode.Error, "refused")],
            own.Select(static span => ((string)span.GetTagItem("realtime.participant")!, span.Status, span.StatusDescription)));
        Assert.Equal("offer answered", Assert.Single(own[0].Events).Name);
        Assert.All(own, span => Assert.Equal(command.SpanId, span.ParentSpanId));
    }

    [Fact]
    public void MoreThanAreFollowedAreNotHeldUp()
    {
        using var spans = new SpanRecorder(RealtimeTelemetry.Media.Name);
        var joins = new JoinTraces();
        using var command = new Activity("command").Start();
        for (var i = 0; i <= JoinTraces.MaxWaiting; i++) joins.Begin("room", 1, $"p{i}");
        Assert.Equal(JoinTraces.MaxWaiting, joins.Waiting);
    }
}
