using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Rooms;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.Signaling.MediaControl;

public sealed class MovePaceTests
{
    static readonly Placement There = new("r", "media-1", 2);

    readonly ManualTime _time = new();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(8, 8)]
    [InlineData(1000, 8)]
    public void A_room_is_through_in_so_many_steps(int people, int steps)
    {
        var pace = new MovePace(_time);
        var taken = 0;
        for (var left = people; left > 0; taken++)
        {
            left -= pace.Take(There, left);
            Assert.Equal(0, left > 0 ? pace.Take(There, left) : 0);
            _time.Advance(MovePace.Every);
        }
        Assert.Equal(steps, taken);
    }

    [Fact]
    public void A_room_that_moves_again_begins_anew()
    {
        var pace = new MovePace(_time);
        Assert.Equal(1, pace.Take(There, 2));
        Assert.Equal(0, pace.Take(There, 1));
        Assert.Equal(1, pace.Take(There with { Epoch = 3 }, 2));
    }

    [Fact]
    public void Beyond_the_bound_all_go_together_until_rooms_that_ended_on_the_way_are_forgotten()
    {
        var pace = new MovePace(_time);
        for (var i = 0; i < MovePace.Capacity; i++)
            Assert.Equal(1, pace.Take(There with { Room = $"r{i}" }, 2));
        Assert.Equal(5, pace.Take(There with { Room = "one more" }, 5));
        _time.Advance(3 * MovePace.Steps * MovePace.Every);
        Assert.Equal(1, pace.Take(There with { Room = "one more" }, 5));
    }
}
