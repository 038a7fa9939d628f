using Npgsql;

namespace Realtime.Signaling.Data;

/// <summary>The kinds of outbox entries.</summary>
public static class OutboxKind
{
    /// <summary><c>key</c> has events up to <c>number</c> in <c>epoch</c>.</summary>
    public const string Messages = "messages";
    /// <summary>Somebody came to or left the channel <c>key</c>: compare.</summary>
    public const string Members = "members";
    /// <summary>In the channel <c>key</c> read marks moved: the payload is <c>[{user, seq}]</c>.</summary>
    public const string ReadMarks = "readMarks";
    /// <summary>The session <c>key</c> now belongs to its generation <c>number</c>, at the replica whose boot is the payload: older connections of it are void.</summary>
    public const string SessionTaken = "sessionTaken";
    /// <summary>A token (<c>number</c> 0) or a user (<c>number</c> 1) named <c>key</c> was revoked; the payload is when, and until when it matters (Unix ms).</summary>
    public const string Revoked = "revoked";
    /// <summary>The presence of the session <c>key</c> in its generation <c>number</c>; without a payload it has ended.</summary>
    public const string Presence = "presence";
    /// <summary>An event for all sessions of the user <c>key</c>; the payload is <c>{id, event, payload}</c>.</summary>
    public const string User = "user";
    /// <summary><c>key</c> (kind:name) is kept out from now on, or let in again.</summary>
    public const string Quarantine = "quarantine";
    /// <summary>The room <c>key</c> has moved, to its <c>epoch</c>.</summary>
    public const string Placement = "placement";
    /// <summary>The stored API keys are others now.</summary>
    public const string Keys = "keys";
    /// <summary>The setting <c>key</c> is the payload from now on; without one the configuration holds again.</summary>
    public const string Setting = "setting";
}

/// <summary>One entry of the outbox.</summary>
public sealed record OutboxEntry(ulong TransactionId, long Id, string Kind, string Key, long Epoch, long Number, string? Payload, bool Settled);

/// <summary>How far a node has read. Everything up to it is final: no transaction that could still write before it runs any more.</summary>
public readonly record struct OutboxCursor(ulong TransactionId, long Id);

/// <summary>
/// Reads the outbox in commit-safe order. Ids are given out before the commit, so the highest id seen says nothing about lower ones that are still to come; the cursor
/// therefore only moves over entries whose transaction is older than every running one (<c>pg_snapshot_xmin</c>). Entries above that are returned too, as not
/// <see cref="OutboxEntry.Settled"/>, and come again: a long transaction somewhere must not hold up the news.
/// </summary>
public sealed class OutboxReader(Database database)
{
    public const int PageSize = 1000;

    /// <summary>Where a node starts that needs nothing from before now.</summary>
    public Task<OutboxCursor> StartAsync(CancellationToken cancellation) => database.RunAsync("outboxStart", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select pg_snapshot_xmin(pg_current_snapshot())::text::numeric::bigint", connection);
        var xmin = (ulong)(long)(await command.ExecuteScalarAsync(token))!;
        return new OutboxCursor(xmin - 1, long.MaxValue);
    }, cancellation);

    public Task<List<OutboxEntry>> ReadAsync(OutboxCursor cursor, CancellationToken cancellation) => database.RunAsync("outboxRead", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select txid::text, id, kind, key, epoch, number, payload, txid < pg_snapshot_xmin(pg_current_snapshot())
            from outbox where (txid, id) > ($1::text::xid8, $2) order by txid, id limit $3
            """, connection);
        command.Parameters.Add(new() { Value = cursor.TransactionId.ToString() });
        command.Parameters.Add(new() { Value = cursor.Id });
        command.Parameters.Add(new() { Value = PageSize });
        await command.PrepareAsync(token);
        var entries = new List<OutboxEntry>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            entries.Add(new OutboxEntry(
                ulong.Parse(reader.GetString(0)), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetInt64(4), reader.GetInt64(5),
                reader.IsDBNull(6) ? null : reader.GetString(6), reader.GetBoolean(7)));
        }
        return entries;
    }, cancellation);

    /// <summary>Drops entries older than the retention, a batch at a time.</summary>
    /// <returns>How many; a full batch means that there may be more.</returns>
    public Task<int> TrimAsync(TimeSpan retention, CancellationToken cancellation) => database.RunAsync("outboxTrim", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            "delete from outbox where (txid, id) in (select txid, id from outbox where created_at < now() - $1 order by created_at limit 5000 for update skip locked)", connection);
        command.Parameters.Add(new() { Value = retention });
        return await command.ExecuteNonQueryAsync(token);
    }, cancellation);
}
