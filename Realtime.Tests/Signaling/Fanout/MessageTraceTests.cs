using System.Diagnostics;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Telemetry;
using Realtime.Signaling.Fanout;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Fanout;

/// <summary>One message is one trace, on however many replicas.</summary>
public sealed class MessageTraceTests
{
    static readonly string s_message = "01933b1e-7f2c-7abc-9def-0123456789ab";

    [Fact]
    public void ATracesIdIsMadeOfTheMessages()
    {
        Assert.True(MessageTrace.TryContextOf(s_message, out var context));
        Assert.Equal(("9def0123456789ab01933b1e7f2c7abc", "9def0123456789ab"), (context.TraceId.ToHexString(), context.SpanId.ToHexString()));
        Assert.False(MessageTrace.TryContextOf("no id of ours", out _));
    }

    [Fact]
    public void SendingStoringAndDeliveringAreInTheTraceThatTheMessagesIdNames()
    {
        using var spans = new SpanRecorder(RealtimeTelemetry.Signaling.Name);
        using var call = new Activity("call").Start();
        using (var sending = MessageTrace.Send(s_message, "lobby"))
        {
            using (MessageTrace.Append("lobby", [s_message, Guid.CreateVersion7().ToString()]))
                Assert.Equal("message.append", Activity.Current?.OperationName);
            MessageTrace.Stored(sending, 7, duplicate: false);
        }
        var told = HubFrames.MessageCreated(new Message("lobby", 1, 7, s_message, "ann", "Ann", "a \"id\":\"no\" text", DateTimeOffset.UnixEpoch, "c1"));
        using (MessageTrace.Deliver("lobby", [told], readers: 3))
            Assert.Same(call, Activity.Current);
        Assert.Same(call, Activity.Current);

        var trace = spans.All.Where(static span => span.TraceId.ToHexString() == "9def0123456789ab01933b1e7f2c7abc").ToList();
        Assert.Equal(["message.append", "message.send", "message.deliver"], trace.Select(static span => span.OperationName));
        Assert.Equal(call.Context, Assert.Single(trace[1].Links).Context);
        Assert.Single(trace[0].Links);
        Assert.Equal((7L, 3), ((long)trace[2].GetTagItem("realtime.seq")!, (int)trace[2].GetTagItem("realtime.readers")!));
        // What somebody wrote is nobody else's.
        Assert.DoesNotContain(trace.SelectMany(static span => span.TagObjects), static tag => tag.Value is string text && text.Contains("text", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatIsNoMessageIsNoSpan()
    {
        using var spans = new SpanRecorder(RealtimeTelemetry.Signaling.Name);
        var deleted = HubFrames.MessageDeleted(new MessageDeletedEvent("traced-nowhere", 1, 8, s_message, 7, "ann", DateTimeOffset.UnixEpoch));
        Assert.Null(MessageTrace.Deliver("traced-nowhere", [deleted], readers: 3));
        Assert.Null(MessageTrace.Deliver("traced-nowhere", [deleted], readers: 0));
    }
}
