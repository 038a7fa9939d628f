using Realtime.Signaling.Presence;
using Xunit;

namespace Realtime.Tests.Signaling.Presence;

public class PresenceBoardTests
{
    static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    static PresenceEntry Entry(string session, string status = "online", string boot = "b", long generation = 1, long version = 0, string user = "ann") =>
        new(session, user, boot, generation, version, status, Start);

    static PresenceEntry Gone(PresenceEntry entry) => entry with { Gone = true };

    [Fact]
    public void Late_and_repeated_news_change_nothing()
    {
        var board = new PresenceBoard("me");
        Assert.True(board.Apply(Entry("s", "dnd", version: 2), Start));
        Assert.Equal(["ann"], board.TakeChanged());
        Assert.False(board.Apply(Entry("s", "dnd", version: 2), Start));
        Assert.False(board.Apply(Entry("s", "idle", version: 1), Start));
        Assert.Empty(board.TakeChanged());
        Assert.Equal("dnd", board.Appearance("ann", Start).Status);
    }

    [Fact]
    public void An_ended_session_comes_back_only_by_a_resume()
    {
        var board = new PresenceBoard("me");
        board.Apply(Gone(Entry("s")), Start);
        Assert.False(board.Apply(Entry("s", version: 9), Start));
        Assert.Equal("offline", board.Appearance("ann", Start).Status);
        Assert.True(board.Apply(Entry("s", generation: 2), Start));
        Assert.False(board.Apply(Gone(Entry("s")), Start));
        Assert.Equal("online", board.Appearance("ann", Start).Status);
    }

    [Fact]
    public void A_silent_replica_is_stale_and_then_dead()
    {
        var board = new PresenceBoard("me");
        board.Apply(Entry("far", boot: "other"), Start);
        board.Apply(Entry("near", boot: "me", user: "bob"), Start);
        board.TakeChanged();
        board.Tick(Start.AddSeconds(6), canHear: true);
        Assert.Equal(["ann"], board.TakeChanged());
        Assert.True(board.Appearance("ann", Start).Stale);
        board.Heard("other", Start.AddSeconds(7));
        Assert.Equal(["ann"], board.TakeChanged());
        Assert.False(board.Appearance("ann", Start).Stale);
        board.Tick(Start.AddSeconds(33), canHear: true);
        Assert.Equal(["ann"], board.TakeChanged());
        Assert.Equal("offline", board.Appearance("ann", Start).Status);
        Assert.Equal("online", board.Appearance("bob", Start).Status);
        // It was alive after all.
        Assert.True(board.Apply(Entry("far", boot: "other"), Start.AddSeconds(34)));
        Assert.Equal(("online", false), (board.Appearance("ann", Start).Status, board.Appearance("ann", Start).Stale));
    }

    [Fact]
    public void Who_can_hear_nobody_lets_nobody_die()
    {
        var board = new PresenceBoard("me");
        board.Apply(Entry("far", boot: "other"), Start);
        for (var s = 1; s < 600; s++)
            board.Tick(Start.AddSeconds(s), canHear: false);
        Assert.Equal(("online", true), (board.Appearance("ann", Start).Status, board.Appearance("ann", Start).Stale));
        board.Tick(Start.AddSeconds(600), canHear: true);
        Assert.Equal("online", board.Appearance("ann", Start).Status);
        board.Tick(Start.AddSeconds(630), canHear: true);
        Assert.Equal("offline", board.Appearance("ann", Start).Status);
    }

    [Fact]
    public void The_table_takes_away_what_it_does_not_have_but_nothing_newer_and_nothing_of_ours()
    {
        var board = new PresenceBoard("me");
        board.Apply(Entry("old", user: "a"), Start);
        board.Apply(Entry("new", user: "b"), Start.AddSeconds(2));
        board.Apply(Entry("held", user: "c", boot: "me"), Start);
        board.Replace([Entry("stored", user: "d")], Start.AddSeconds(1), Start.AddSeconds(3), static session => session == "held");
        Assert.Equal(["offline", "online", "online", "online"], new[] { "a", "b", "c", "d" }.Select(user => board.Appearance(user, Start).Status));
    }

    [Fact]
    public void What_ended_is_forgotten_after_a_while()
    {
        var board = new PresenceBoard("me");
        for (var i = 0; i < 100; i++)
        {
            board.Apply(Entry($"s{i}", boot: "me"), Start);
            board.Apply(Gone(Entry($"s{i}", boot: "me")), Start);
        }
        board.Apply(Entry("s7", boot: "me", generation: 2), Start);
        Assert.Equal(100, board.Count);
        board.Tick(Start.AddSeconds(61), canHear: true);
        Assert.Equal(1, board.Count);
    }

    /// <summary>Whatever is lost, doubled or late on the way: with the last word of each session heard once, all boards are the same.</summary>
    [Fact]
    public void All_orders_of_news_lead_to_the_same_board()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        string[] statuses = ["online", "idle", "dnd", "invisible"];
        for (var round = 0; round < 300; round++)
        {
            var news = new List<PresenceEntry>();
            var last = new Dictionary<string, PresenceEntry>();
            for (var i = 0; i < 20; i++)
            {
                var session = $"s{random.Next(5)}";
                var known = last.GetValueOrDefault(session);
                var next = known is null ? Entry(session, user: $"u{random.Next(3)}")
                    : random.Next(4) == 0 && !known.Gone ? Gone(known)
                    : random.Next(3) == 0 || known.Gone ? known with { Generation = known.Generation + 1, Boot = $"b{random.Next(3)}", Gone = false }
                    : known with { Version = known.Version + 1, Status = statuses[random.Next(4)] };
                news.Add(last[session] = next);
            }
            var boards = Enumerable.Range(0, 2).Select(_ =>
            {
                var board = new PresenceBoard("me");
                var heard = news.Where(_ => random.Next(3) > 0).Concat(news.Where(_ => random.Next(3) == 0)).Concat(last.Values).ToArray();
                random.Shuffle(heard);
                foreach (var entry in heard)
                    board.Apply(entry, Start);
                return board;
            }).ToArray();
            foreach (var user in new[] { "u0", "u1", "u2" })
            {
                var truth = Appearance.Of(last.Values.Where(entry => entry.User == user && !entry.Gone), static _ => false, Start);
                Assert.True(truth == boards[0].Appearance(user, Start) && truth == boards[1].Appearance(user, Start), $"seed {seed}, round {round}, {user}");
            }
        }
    }
}
