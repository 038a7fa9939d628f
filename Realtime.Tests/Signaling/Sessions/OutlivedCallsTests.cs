using System.IO.Pipelines;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Presence;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Sessions;
using Xunit;

namespace Realtime.Tests.Signaling.Sessions;

/// <summary>A call may still run when its connection has ended: what it does then must leave nothing behind, because nobody would ever take it away.</summary>
public sealed class OutlivedCallsTests : IFeedRepair
{
    readonly HubConnections _connections = new(new LimitOptions());
    readonly ChannelFeed _feed;

    public OutlivedCallsTests() => _feed = new ChannelFeed("general", this, null!);

    void IFeedRepair.Fill(ChannelFeed feed)
    {
        // Nothing is missing here.
    }

    static (HubConnection Connection, HubSession Session) New()
    {
        var lanes = new ConnectionLanes(new Pipe().Writer, TimeProvider.System, static _ => true);
        return (new HubConnection("c1", null!, "127.0.0.1", lanes, DateTimeOffset.UtcNow), new HubSession("s1", "ann", "Ann", lanes, DeviceStatus.Online(DateTimeOffset.UtcNow)));
    }

    [Fact]
    public void A_connection_that_has_ended_gets_no_session()
    {
        var (connection, session) = New();
        Assert.Null(_connections.End(connection));
        Assert.False(_connections.TryAttach(connection, session, out _));
        Assert.Null(_connections.Holder("s1"));
        Assert.Empty(_connections.OfUser("ann"));
        Assert.Null(connection.Session);
    }

    [Fact]
    public void One_that_ends_afterwards_gives_it_back()
    {
        var (connection, session) = New();
        Assert.True(_connections.TryAttach(connection, session, out var before));
        Assert.Null(before);
        Assert.Same(session, _connections.End(connection));
        Assert.True(_connections.TryDetach(connection, session));
        Assert.Null(_connections.Holder("s1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_join_after_the_end_leaves_no_reader_and_no_member(bool isStored)
    {
        var (_, session) = New();
        session.RemoveAll();
        Assert.False(session.TryEnter(_feed.Subscribe(session.Lanes, 0), isStored));
        Assert.Empty(session.Channels);
        Assert.Equal(0, _feed.Readers);
        Assert.Empty(_feed.Members);
    }

    [Fact]
    public void The_end_of_the_connection_in_the_middle_of_a_join_does_not_either()
    {
        var (_, session) = New();
        var feed = new ChannelFeed("general", this, null!)
        {
            // As the member appears, the connection goes.
            MembersChanged = (feed, change) =>
            {
                if (change.Joined.Count == 0)
                    return;
                foreach (var reader in session.RemoveAll())
                    feed.Unsubscribe(reader);
            },
        };
        Assert.False(session.TryEnter(feed.Subscribe(session.Lanes, 0)));
        Assert.Equal(0, feed.Readers);
        Assert.Empty(feed.Members);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(17, 10)]
    [InlineData(22, 6)]
    [InlineData(60, 3)]
    public void Silence_and_lease_together_stay_below_thirty_seconds(int silentSeconds, int leaseSeconds) =>
        Assert.Equal(TimeSpan.FromSeconds(leaseSeconds), SessionRules.LeaseAfter(TimeSpan.FromSeconds(silentSeconds)));
}
