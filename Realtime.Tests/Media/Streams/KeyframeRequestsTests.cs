using Realtime.Media.Core;
using Realtime.Media.Streams;
using Xunit;

namespace Realtime.Tests.Media.Streams;

public sealed class KeyframeRequestsTests
{
    static Instant At(long ms) => Instant.FromMilliseconds(1000 + ms);

    [Fact]
    public void Wishes_within_the_interval_are_one_request_and_one_more_at_its_end()
    {
        var requests = new KeyframeRequests();
        requests.Wish(At(0));
        Assert.True(requests.TryTake(At(0)));
        for (var ms = 10; ms < 290; ms += 10) requests.Wish(At(ms));
        Assert.False(requests.TryTake(At(299)));
        Assert.True(requests.TryTake(At(300)));
        Assert.False(requests.TryTake(At(2000)));
        Assert.Equal(2, requests.Asked);
    }

    [Fact]
    public void A_key_frame_answers_every_wish_before_it()
    {
        var requests = new KeyframeRequests();
        requests.Wish(At(0));
        Assert.True(requests.TryTake(At(0)));
        requests.Wish(At(100));
        requests.PacketArrived(At(200), startsKeyframe: true);
        Assert.True(requests.Deadline.IsNever);
        requests.PacketArrived(At(5000), startsKeyframe: false);
        Assert.True(requests.Deadline.IsNever);
    }

    [Fact]
    public void An_unanswered_request_is_repeated_while_packets_come()
    {
        var requests = new KeyframeRequests();
        requests.Wish(At(0));
        Assert.True(requests.TryTake(At(0)));
        requests.PacketArrived(At(900), startsKeyframe: false);
        Assert.True(requests.Deadline.IsNever);
        requests.PacketArrived(At(1000), startsKeyframe: false);
        Assert.True(requests.TryTake(At(1000)));
    }

    [Fact]
    public void A_wish_for_later_waits_and_an_earlier_one_goes_first()
    {
        var requests = new KeyframeRequests();
        requests.Wish(At(200));
        Assert.False(requests.TryTake(At(199)));
        requests.Wish(At(50));
        Assert.True(requests.TryTake(At(50)));
    }
}
