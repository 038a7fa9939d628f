using Realtime.Client.Media;
using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Xunit;

namespace Realtime.Tests.Clients.Dotnet;

public sealed class MediaPartsTests
{
    static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Packets_are_put_in_order_over_the_wrap_of_their_numbers()
    {
        var order = new PacketOrder(s_patience);
        foreach (var number in new[] { 65_534, 0, 65_535, 2, 1 })
            order.Add(Instant.Zero, new SequenceNumber((ushort)number), [(byte)number]);
        Assert.Equal([254, 255, 0, 1, 2], TakeAll(order, Instant.Zero).Select(static one => one.Packet[0]));
    }

    [Fact]
    public void A_hole_is_waited_for_and_then_skipped()
    {
        var order = new PacketOrder(s_patience);
        order.Add(Instant.Zero, new SequenceNumber(1), [1]);
        order.Add(Instant.Zero, new SequenceNumber(3), [3]);
        Assert.Equal([1], TakeAll(order, Instant.Zero).Select(static one => one.Packet[0]));
        Assert.Equal(Instant.Zero + s_patience, order.NextDeadline);
        Assert.Equal([(3, true)], TakeAll(order, order.NextDeadline).Select(static one => ((int)one.Packet[0], one.IsAfterLoss)));
        // Too late.
        order.Add(order.NextDeadline, new SequenceNumber(2), [2]);
        Assert.Empty(TakeAll(order, Instant.FromMilliseconds(1000)));
    }

    [Fact]
    public void No_more_wait_than_may()
    {
        var order = new PacketOrder(s_patience);
        order.Add(Instant.Zero, new SequenceNumber(0), [0]);
        TakeAll(order, Instant.Zero);
        for (var i = 0; i <= PacketOrder.MaxWaiting; i++)
            order.Add(Instant.Zero, new SequenceNumber((ushort)(2 + i)), [1]);
        Assert.Equal(PacketOrder.MaxWaiting + 1, TakeAll(order, Instant.Zero).Count);
    }

    [Fact]
    public void A_picture_is_cut_and_put_together()
    {
        var frame = TestFrames.Vp8(new Random(1), 7, isKeyFrame: true);
        var packets = new Vp8Packets(5);
        var frames = new FrameAssembler(isVp8: true);
        byte[] whole = [];
        var isComplete = false;
        foreach (var (payload, marker) in Cut(ref packets, frame))
            isComplete = frames.Take(Header(marker), payload, out whole, out _);
        Assert.True(isComplete);
        Assert.Equal(frame.Data.ToArray(), whole);
        Assert.False(frames.NeedsKeyFrame);
    }

    [Fact]
    public void After_a_loss_pictures_wait_for_a_key_frame()
    {
        var packets = new Vp8Packets(0);
        var frames = new FrameAssembler(isVp8: true);
        Assert.False(TakeWhole(frames, ref packets, isKeyFrame: false));
        Assert.True(TakeWhole(frames, ref packets, isKeyFrame: true));
        Assert.True(TakeWhole(frames, ref packets, isKeyFrame: false));
        frames.Lose();
        Assert.True(frames.NeedsKeyFrame);
        Assert.False(TakeWhole(frames, ref packets, isKeyFrame: false));
        Assert.True(TakeWhole(frames, ref packets, isKeyFrame: true));
        Assert.Equal(2, frames.Dropped);
    }

    [Fact]
    public void A_transport_is_given_a_second_chance_and_no_third()
    {
        var watch = new TransportWatch(Instant.Zero);
        Assert.Equal(TransportVerdict.Fine, watch.Look(At(1), isConnected: false, hasEnded: false));
        Assert.Equal(TransportVerdict.Connected, watch.Look(At(2), true, false));
        Assert.Equal(TransportVerdict.Interrupted, watch.Look(At(3), false, false));
        Assert.Equal(TransportVerdict.Connected, watch.Look(At(4), true, false));
        Assert.Equal(TransportVerdict.Interrupted, watch.Look(At(5), false, false));
        Assert.Equal(TransportVerdict.Fine, watch.Look(At(6), false, false));
        Assert.Equal(TransportVerdict.Lost, watch.Look(At(5) + TransportWatch.Restart, false, false));
        Assert.Equal(TransportVerdict.Fine, watch.Look(At(60), false, true));
        Assert.Equal(TransportVerdict.Lost, new TransportWatch(Instant.Zero).Look(At(1), true, hasEnded: true));
    }

    static Instant At(int seconds) => Instant.FromMilliseconds(seconds * 1000);

    static bool TakeWhole(FrameAssembler frames, ref Vp8Packets packets, bool isKeyFrame)
    {
        var isComplete = false;
        foreach (var (payload, marker) in Cut(ref packets, TestFrames.Vp8(new Random(2), 1, isKeyFrame)))
            isComplete = frames.Take(Header(marker), payload, out _, out _);
        return isComplete;
    }

    static List<(byte[] Payload, bool Marker)> Cut(ref Vp8Packets packets, EncodedFrame frame)
    {
        var cut = new List<(byte[], bool)>();
        packets.NextFrame();
        var rest = frame.Data.Span;
        var payload = new byte[SendingStream.MaxPayload];
        while (!rest.IsEmpty)
        {
            var length = packets.Write(cut.Count == 0, ref rest, payload);
            cut.Add((payload[..length], rest.IsEmpty));
        }
        return cut;
    }

    static RtpHeader Header(bool marker)
    {
        var packet = new byte[RtpHeader.MinLength];
        new RtpHeaderFields(marker, new PayloadType(96), new SequenceNumber(1), new RtpTimestamp(1), new Ssrc(1)).TryWrite(packet);
        Assert.True(RtpHeader.TryRead(packet, out var header));
        return header;
    }

    static List<(byte[] Packet, bool IsAfterLoss)> TakeAll(PacketOrder order, Instant now)
    {
        var taken = new List<(byte[], bool)>();
        while (order.TryTake(now, out var packet, out var isAfterLoss))
            taken.Add((packet, isAfterLoss));
        return taken;
    }
}
