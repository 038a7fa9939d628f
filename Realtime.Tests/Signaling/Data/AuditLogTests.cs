using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Data;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

public sealed class AuditLogTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    const int Entries = 40;

    static async Task<TestDatabase> FilledAsync(PostgresFixture postgres)
    {
        var database = await TestDatabase.CreateAsync(postgres.Server);
        var log = new AuditLog(database.Database);
        await Task.WhenAll(Enumerable.Range(0, Entries).Select(i => log.RecordAsync(new AuditRecord("root", "test", i % 2 == 0 ? null : "c", $"t{i}", "wëgen \"x\"\\", new { i }), default)));
        return database;
    }

    [Fact]
    public async Task Writers_side_by_side_make_one_chain()
    {
        await using var database = await FilledAsync(postgres);
        var reader = new AuditReader(database.Database);
        var verified = await reader.VerifyAsync(default);
        Assert.Equal((true, (long)Entries, null), (verified.Intact, verified.Checked, verified.Broken));
        var entries = await reader.ReadAsync(new AuditFilter(), 0, 100, default);
        Assert.Equal(Enumerable.Range(1, Entries).Select(static seq => (long)seq), entries.Select(static entry => entry.Seq));
        Assert.Equal(entries.Select(static entry => entry.Hash).Prepend(new string('0', 64)).Take(Entries), entries.Select(static entry => entry.Previous));
        Assert.Equal(Entries / 2, (await reader.ReadAsync(new AuditFilter("c"), 0, 100, default)).Count);
        Assert.Equal(entries[^1].Hash, verified.Head);
    }

    /// <summary>What the documentation of <see cref="AuditEntry"/> says is enough to check an export elsewhere.</summary>
    [Fact]
    public async Task An_export_can_be_checked_by_anybody()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await new AuditLog(database.Database).RecordAsync(new AuditRecord("root", "test", null, "t", "why", new { a = 1 }), default);
        var entry = Assert.Single(await new AuditReader(database.Database).ReadAsync(new AuditFilter(), 0, 1, default));
        var microseconds = (entry.At - DateTimeOffset.UnixEpoch).Ticks / 10;
        var text = $"[1, {microseconds}, \"root\", \"test\", null, \"t\", \"why\", \"{{\\\"a\\\":1}}\"]";
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([.. Convert.FromHexString(entry.Previous), .. Encoding.UTF8.GetBytes(text)])), entry.Hash);
    }

    [Theory]
    [InlineData("update audit_log set reason = 'nicer'")]
    [InlineData("delete from audit_log where seq = 3")]
    [InlineData("truncate audit_log")]
    public async Task Postgres_refuses_to_change_it(string sql)
    {
        await using var database = await FilledAsync(postgres);
        await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync(sql));
        Assert.True((await new AuditReader(database.Database).VerifyAsync(default)).Intact);
    }

    /// <summary>Whoever owns the database can switch the trigger off, but not hide what was changed.</summary>
    [Theory]
    [InlineData("update audit_log set target = 'somebody else' where seq = 7", 7)]
    [InlineData("update audit_log set at = at - interval '1 microsecond' where seq = 7", 7)]
    [InlineData("update audit_log set reason = null where seq = 1", 1)]
    [InlineData("delete from audit_log where seq = 9", 9)]
    [InlineData("delete from audit_log where seq = 40", 40)]
    [InlineData("delete from audit_log where seq >= 38", 38)]
    // Row 5 anew with a hash that fits: the next one knows better.
    [InlineData("update audit_log set actor = 'eve', hash = audit_hash(previous, seq, at, 'eve', action, channel, target, reason, details) where seq = 5", 6)]
    public async Task A_tampered_row_is_found(string sql, long broken)
    {
        await using var database = await FilledAsync(postgres);
        await database.ExecuteAsync($"alter table audit_log disable trigger all; {sql}; alter table audit_log enable trigger all;");
        var verified = await new AuditReader(database.Database).VerifyAsync(default);
        Assert.Equal((false, broken, broken - 1), (verified.Intact, verified.Broken, verified.Checked));
    }

    [Fact]
    public async Task What_is_rolled_back_leaves_no_record_and_no_hole()
    {
        await using var database = await FilledAsync(postgres);
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            Assert.Equal(Entries + 1, await AuditLog.AppendAsync(connection, new AuditRecord("root", "undone"), default));
            await transaction.RollbackAsync();
        }
        await new AuditLog(database.Database).RecordAsync(new AuditRecord("root", "done"), default);
        var verified = await new AuditReader(database.Database).VerifyAsync(default);
        Assert.Equal((true, Entries + 1L), (verified.Intact, verified.Checked));
    }
}
