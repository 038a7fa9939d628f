using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Xunit;

namespace Realtime.Tests.Signaling.Channels;

public class MemberViewTests
{
    static readonly ChannelMember Ann = new("ann", "Ann");
    static readonly ChannelMember Bob = new("bob", "Bob");

    readonly MemberView _view = new();

    [Fact]
    public void The_second_device_of_a_user_is_no_news()
    {
        Assert.Equal([Ann], _view.Join("s1", Ann).Joined);
        Assert.Empty(_view.Join("s2", Ann).Joined);
        Assert.Empty(_view.Leave("s1").Left);
        Assert.Equal([Ann], _view.Leave("s2").Left);
    }

    [Fact]
    public void Local_news_before_and_after_the_table_says_the_same_is_told_once()
    {
        Assert.Single(_view.Join("s1", Ann).Joined);
        var stored = _view.Store(new() { ["s1"] = Ann, ["s2"] = Bob });
        Assert.Equal([Bob], stored.Joined);
        Assert.Equal([Ann], _view.Leave("s1").Left);
        // The table was read before the leave was written.
        Assert.Empty(_view.Store(new() { ["s1"] = Ann, ["s2"] = Bob }).Joined);
        Assert.Empty(_view.Store(new() { ["s2"] = Bob }).Left);
        Assert.Equal([Bob], _view.Members);
    }

    [Fact]
    public void A_lost_connection_is_no_leave_until_the_table_says_so()
    {
        _view.Join("s1", Ann);
        Assert.Empty(_view.Release("s1").Left);
        Assert.Equal([Ann], _view.Members);
        Assert.Equal([Ann], _view.Store([]).Left);
    }

    [Fact]
    public void A_session_that_moved_to_another_replica_is_no_leave()
    {
        _view.Join("s1", Ann);
        _view.Release("s1");
        Assert.Empty(_view.Store(new() { ["s1"] = Ann }).Left);
    }
}
