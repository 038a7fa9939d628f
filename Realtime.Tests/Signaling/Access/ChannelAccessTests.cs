using Realtime.Contracts;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Moderation;
using Realtime.Tests.CrashSafety;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Data;
using Xunit;

namespace Realtime.Tests.Signaling.Access;

/// <summary>What one replica remembers of who may what, and for how long.</summary>
public sealed class ChannelAccessTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    readonly ManualTime _time = new();

    UserToken Token(string user, params string[] channels) => new("jti", user, user, new Grants(channels.Length == 0 ? ["*"] : channels), _time.GetUtcNow(), _time.GetUtcNow().AddDays(1));

    static async Task<string> RefusedAsync(ValueTask call) => (await Assert.ThrowsAsync<RealtimeException>(async () => await call)).Error.Code;

    static Task BanAsync(TestDatabase database, string channel, string user) => new ModerationStore(database.Database)
        .ActAsync(channel, "mod", ChannelRole.None, ChannelRole.None, new AccessNews(ModerationAction.Ban, user, "mod"), default);

    [Fact]
    public async Task What_is_known_holds_until_the_outbox_says_otherwise()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var access = new ChannelAccess(new AccessStore(database.Database), _time);
        var outbox = new OutboxReader(database.Database);
        var cursor = await outbox.StartAsync(default);
        await access.RequireWriteAsync(Token("eve"), "c", default);
        await BanAsync(database, "c", "eve");
        // Another replica did it, and its news are not here yet.
        await access.RequireWriteAsync(Token("eve"), "c", default);
        foreach (var entry in (await outbox.ReadAsync(cursor, default)).Where(entry => access.Takes(entry.Kind)))
            access.Take(entry);
        Assert.Equal(ErrorCode.Forbidden, await RefusedAsync(access.RequireWriteAsync(Token("eve"), "c", default)));
        await access.RequireWriteAsync(Token("ann"), "c", default);
    }

    [Fact]
    public async Task Without_postgres_what_is_known_holds_for_ten_minutes_and_the_unknown_is_unavailable()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await TestDatabase.CreateAsync(server);
        var access = new ChannelAccess(new AccessStore(database.Database), _time);
        await BanAsync(database, "c", "eve");
        await access.RequireReadAsync(Token("ann"), "c", default);
        _time.Advance(TimeSpan.FromMinutes(9));
        access.Current();
        await server.KillAsync();

        _time.Advance(TimeSpan.FromMinutes(9));
        await access.RequireWriteAsync(Token("ann"), "c", default);
        Assert.Equal(ErrorCode.Forbidden, await RefusedAsync(access.RequireReadAsync(Token("eve"), "c", default)));
        Assert.Equal(ErrorCode.Unavailable, await RefusedAsync(access.RequireReadAsync(Token("ann"), "neverAsked", default)));
        // What no grant allows needs no database to be refused.
        Assert.Equal(ErrorCode.Forbidden, await RefusedAsync(access.RequireReadAsync(Token("ann", "other"), "neverAsked", default)));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(ErrorCode.Unavailable, await RefusedAsync(access.RequireWriteAsync(Token("ann"), "c", default)));
        Assert.Equal(ErrorCode.Unavailable, await RefusedAsync(access.RequireWriteAsync(Token("eve"), "c", default)));
    }

    [Fact]
    public async Task Guessing_names_asks_the_database_nothing()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await TestDatabase.CreateAsync(server);
        await server.KillAsync();
        var access = new ChannelAccess(new AccessStore(database.Database), _time);
        foreach (var name in new[] { "dm:", "dm:x", "DM:" + new string('a', 43), "dm:" + new string('a', 42) })
            Assert.Equal(ErrorCode.Forbidden, await RefusedAsync(access.RequireReadAsync(Token("eve"), name, default)));
        foreach (var name in new[] { "", "a b", "ä", new string('a', 65), null })
            Assert.Equal(ErrorCode.Invalid, await RefusedAsync(access.RequireReadAsync(Token("eve"), name, default)));
        Assert.Equal(0, access.Count);
    }

    [Fact]
    public async Task Memory_is_bounded()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        const int most = 100;
        var access = new ChannelAccess(new AccessStore(database.Database), _time, most);
        await Parallel.ForEachAsync(Enumerable.Range(0, most * 3), new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (i, cancellation) => await access.RequireReadAsync(Token("ann"), $"c{i}", cancellation));
        Assert.InRange(access.Count, 1, most);
    }
}
