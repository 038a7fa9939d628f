using Realtime.Signaling.Delivery;
using Xunit;

namespace Realtime.Tests.Signaling.Delivery;

public class LaneQueueTests
{
    readonly LaneQueue _queue = new();

    static ReadOnlyMemory<byte> Frame(byte value, int length = 1) => Enumerable.Repeat(value, length).ToArray();

    string Drain()
    {
        var taken = new List<byte>();
        while (_queue.TryTake(out var frame))
            taken.Add(frame.Span[0]);
        return string.Join(' ', taken);
    }

    [Fact]
    public void Control_goes_before_durable_and_durable_before_ephemeral()
    {
        var reader = new ReadCursor("general", 0);
        _queue.SetEphemeral("typing", Frame(3));
        _queue.TryAddDurable(reader, 1, Frame(2));
        _queue.TryAddControl(Frame(1));
        _queue.TryAddDurable(reader, 2, Frame(2));
        Assert.Equal("1 2 2 3", Drain());
        Assert.True(_queue.IsEmpty);
        Assert.Equal(0, _queue.ControlBytes);
    }

    [Fact]
    public void Only_the_newest_of_a_key_is_kept_and_the_oldest_key_goes()
    {
        for (byte i = 0; i < LaneQueue.EphemeralLimit + 2; i++)
            _queue.SetEphemeral($"k{i}", Frame(i));
        _queue.SetEphemeral("k5", Frame(200));
        var taken = Drain().Split(' ');
        Assert.Equal(LaneQueue.EphemeralLimit, taken.Length);
        Assert.Equal("2", taken[0]);
        Assert.Equal("200", taken[^1]);
        Assert.DoesNotContain("5", taken);
    }

    [Fact]
    public void A_full_durable_lane_gives_everything_back_to_the_cursors()
    {
        var general = new ReadCursor("general", 0) { Live = true };
        var random = new ReadCursor("random", 70) { Live = true };
        _queue.TryAddDurable(random, 71, Frame(1));
        random.Position = 71;
        var added = 0L;
        while (_queue.TryAddDurable(general, added + 1, Frame(1)))
            general.Position = ++added;
        Assert.Equal(LaneQueue.DurableLimitEvents - 1, added);
        _queue.TryAddControl(Frame(9));

        Assert.Equal(2, _queue.DropDurable().Count);
        Assert.Equal((0L, 70L), (general.Position, random.Position));
        Assert.False(general.Live || random.Live);
        Assert.Equal("9", Drain());
        Assert.True(_queue.TryAddDurable(general, 1, Frame(1)));
    }

    [Fact]
    public void Bytes_fill_the_lanes_too()
    {
        var reader = new ReadCursor("general", 0);
        Assert.True(_queue.TryAddDurable(reader, 1, Frame(1, LaneQueue.DurableLimitBytes)));
        Assert.False(_queue.TryAddDurable(reader, 2, Frame(1)));
        Assert.True(_queue.TryAddControl(Frame(1, LaneQueue.ControlLimitBytes)));
        Assert.False(_queue.TryAddControl(Frame(1)));
    }
}
