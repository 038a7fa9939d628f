using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.Presence;
using Realtime.Signaling.Rooms;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

/// <summary>Moderation in SQL: what holds however replicas race.</summary>
public sealed class ModerationStoreTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    static readonly DateTimeOffset When = new(2030, 1, 1, 12, 0, 0, 123, TimeSpan.Zero);

    static NewMessage Message(string author, string id) => new(Guid.CreateVersion7().ToString(), author, author, id, id, null, When);

    static AccessNews News(string action, string user, DateTimeOffset? until = null) => new(action, user, "mod", "because", until);

    static Task<Moderated> ActAsync(ModerationStore store, string action, string user, DateTimeOffset? until = null, ChannelRole actor = ChannelRole.None, ChannelRole target = ChannelRole.None) =>
        store.ActAsync("c", "mod", actor, target, News(action, user, until), default);

    [Fact]
    public async Task What_the_banned_write_after_the_ban_is_stored_by_nobody_however_they_race()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var messages = new MessageStore(database.Database);
        var store = new ModerationStore(database.Database);
        for (var round = 0; round < 20; round++)
        {
            var eve = $"eve{round}";
            var ban = Task.CompletedTask;
            var stored = new List<Appended>();
            var writing = Enumerable.Range(0, 10).Select(async i =>
            {
                if (i == 4)
                    ban = ActAsync(store, ModerationAction.Ban, eve);
                // In one batch with somebody else, as the group commit makes them.
                return await messages.AppendAsync("c", [Message(eve, $"{round}-{i}"), Message("ann", $"{round}-{i}")]);
            }).ToList();
            foreach (var batch in await Task.WhenAll(writing))
            {
                Assert.False(batch[1].Refused);
                if (!batch[0].Refused)
                    stored.Add(batch[0]);
            }
            await ban;
            var bannedAt = await database.ScalarAsync<long>($"select seq from channel_restrictions where user_id = '{eve}'");
            Assert.All(stored, one => Assert.InRange(one.Seq, 1, bannedAt));
            Assert.True((await messages.AppendAsync("c", [Message(eve, "after")]))[0].Refused);
        }
        var head = (await messages.HeadAsync("c", default))!.Value.Head;
        Assert.Equal(Enumerable.Range(1, (int)head).Select(static seq => (long)seq), (await messages.ReadAfterAsync("c", 0, 1000, default)).Select(static message => message.Seq));
    }

    [Fact]
    public async Task A_time_out_ends_by_itself_and_a_ban_when_it_is_lifted()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var messages = new MessageStore(database.Database);
        var store = new ModerationStore(database.Database);
        await ActAsync(store, ModerationAction.TimeOut, "eve", DateTimeOffset.UtcNow + TimeSpan.FromMinutes(5));
        Assert.True((await messages.AppendAsync("c", [Message("eve", "1")]))[0].Refused);
        await database.ExecuteAsync("update channel_restrictions set until = now() - interval '1 s'");
        Assert.False((await messages.AppendAsync("c", [Message("eve", "1")]))[0].Refused);

        await ActAsync(store, ModerationAction.Ban, "eve");
        Assert.True((await messages.AppendAsync("c", [Message("eve", "2")]))[0].Refused);
        Assert.Equal(ModerationOutcome.Done, (await ActAsync(store, ModerationAction.Unban, "eve")).Outcome);
        Assert.False((await messages.AppendAsync("c", [Message("eve", "2")]))[0].Refused);
        Assert.Equal(ModerationOutcome.Nothing, (await ActAsync(store, ModerationAction.Unban, "eve")).Outcome);
        Assert.Equal(["timeOut", "ban", "unban"], (await new AuditReader(database.Database).ReadAsync(new AuditFilter("c"), 0, 10, default)).Select(static entry => entry.Action));
    }

    [Fact]
    public async Task A_kick_takes_role_and_place_in_every_session_and_is_forgotten_when_the_user_comes_again()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var sessions = database.NewReplica(out _);
        var access = new AccessStore(database.Database);
        await sessions.SaveAsync(new SessionRow("s1", "ann", "Ann", 1, ["c", "d"], [], DeviceStatus.Online(DateTimeOffset.UnixEpoch)), default);
        await sessions.SaveAsync(new SessionRow("s2", "bob", "Bob", 1, ["c"], new List<SessionRoom>(), DeviceStatus.Online(DateTimeOffset.UnixEpoch)), default);
        await new MessageStore(database.Database).AppendAsync("c", [Message("ann", "1")]);
        await database.ExecuteAsync("insert into channel_members (channel, user_id, role, added_by) values ('c', 'ann', 'member', 'x'), ('c', 'mod', 'moderator', 'x')");

        Assert.Equal(ModerationOutcome.Conflict, (await ActAsync(new(database.Database), ModerationAction.Kick, "ann")).Outcome);
        Assert.Equal(ModerationOutcome.Conflict, (await ActAsync(new(database.Database), ModerationAction.Kick, "ann", actor: ChannelRole.Moderator)).Outcome);
        Assert.Equal(ModerationOutcome.Done, (await ActAsync(new(database.Database), ModerationAction.Kick, "ann", actor: ChannelRole.Moderator, target: ChannelRole.Member)).Outcome);
        Assert.Equal(["d"], (await sessions.TakeAsync("s1", "ann", default))!.Channels);
        Assert.Equal(["c"], (await sessions.TakeAsync("s2", "bob", default))!.Channels);
        var policy = await access.PolicyAsync("c", default);
        Assert.Equal(new Standing(ChannelRole.None, Removed: true), policy.Standings["ann"]);
        await access.ForgetRemovalAsync("c", "ann", default);
        Assert.DoesNotContain("ann", (await access.PolicyAsync("c", default)).Standings.Keys);
    }

    [Fact]
    public async Task News_and_record_are_there_exactly_when_it_was_done()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var store = new ModerationStore(database.Database);
        var outbox = new OutboxReader(database.Database);
        var cursor = await outbox.StartAsync(default);
        var done = await ActAsync(store, ModerationAction.Ban, "eve", DateTimeOffset.UtcNow + TimeSpan.FromHours(1));
        var entry = Assert.Single(await outbox.ReadAsync(cursor, default), static entry => entry.Kind == AccessNews.Kind);
        Assert.Equal(done.News, new OutboxCursor(entry.TransactionId, entry.Id));
        Assert.True(AccessNews.TryRead(entry.Payload, out var news));
        Assert.Equal((ModerationAction.Ban, "eve", "mod", "because"), (news.Action, news.User, news.By, news.Reason));
        await ActAsync(store, ModerationAction.Unban, "nobody");
        await ActAsync(store, ModerationAction.Ban, "eve", actor: ChannelRole.Owner);
        Assert.Single(await outbox.ReadAsync(cursor, default), static entry => entry.Kind == AccessNews.Kind);
        Assert.Single(await new AuditReader(database.Database).ReadAsync(new AuditFilter(), 0, 10, default));
        var row = Assert.Single(await store.ListAsync("c", null, 10, default));
        Assert.Equal(("eve", "ban", "mod"), (row.User, row.Kind, row.By));
    }

    [Fact]
    public async Task A_long_roster_is_asked_for_one_by_one()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var access = new AccessStore(database.Database);
        await new MessageStore(database.Database).AppendAsync("c", [Message("ann", "1")]);
        await database.ExecuteAsync($"insert into channel_members (channel, user_id, role, added_by) select 'c', 'u' || n, 'member', 'x' from generate_series(1, {AccessStore.MaxRoster + 1}) n");
        await ActAsync(new(database.Database), ModerationAction.Ban, "eve");
        var policy = await access.PolicyAsync("c", default);
        Assert.False(policy.Complete);
        Assert.Equal(ChannelRole.Member, (await access.StandingAsync("c", "u5", default)).Role);
        Assert.True((await access.StandingAsync("c", "eve", default)).IsBanned(When));
        Assert.Equal(default, await access.StandingAsync("c", "nobody", default));
    }

    [Fact]
    public async Task Nobody_writes_to_a_private_or_direct_channel_who_is_no_member_and_nobody_removes_what_an_owner_wrote()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var messages = new MessageStore(database.Database);
        var direct = DirectName.Of(["ann", "bob"]);
        Assert.True((await messages.AppendAsync(direct, [Message("ann", "1")]))[0].Refused);
        Assert.True((await messages.AppendAsync("DM:x", [Message("ann", "1")]))[0].Refused);
        await new DirectStore(database.Database).EnsureAsync(direct, ["ann", "bob"], "ann", default);
        var batch = await messages.AppendAsync(direct, [Message("eve", "1"), Message("ann", "1"), Message("eve", "2"), Message("bob", "1")]);
        Assert.Equal([true, false, true, false], batch.Select(static one => one.Refused));
        Assert.Equal([1, 2], batch.Where(static one => !one.Refused).Select(static one => one.Seq));

        Assert.True(await new ChannelStore(database.Database).CreateAsync(new CreateChannelRequest("secret", "private", Members: ["bob"]), "own", null, default));
        var wrote = await messages.AppendAsync("secret", [Message("eve", "1"), Message("own", "1"), Message("bob", "1")]);
        Assert.Equal([true, false, false], wrote.Select(static one => one.Refused));
        var changes = new MessageChangeStore(database.Database);
        Assert.Equal(ChangeOutcome.Forbidden, (await changes.ChangeAsync(Removal(wrote[1].Id))).Outcome);
        Assert.Equal(ChangeOutcome.Done, (await changes.ChangeAsync(Removal(wrote[2].Id))).Outcome);
        Assert.Equal(ChangeOutcome.Same, (await changes.ChangeAsync(Removal(wrote[2].Id) with { At = When + TimeSpan.FromSeconds(1) })).Outcome);
        // Ids of other channels are none here.
        Assert.Equal(ChangeOutcome.NotFound, (await changes.ChangeAsync(Removal(batch[1].Id))).Outcome);
        Assert.Equal(["channelCreated", "removeMessage"], (await new AuditReader(database.Database).ReadAsync(new AuditFilter("secret"), 0, 10, default)).Select(static entry => entry.Action));
    }

    static MessageChange Removal(string id) => new("secret", MessageChangeKind.Deleted, id, "mod", When, AsModerator: true, Reason: "because");
}
