using Npgsql;
using NpgsqlTypes;

namespace Realtime.Signaling.Data;

/// <summary>A channel in which something is too old, or that was deleted.</summary>
/// <param name="KeepFor">Null: nothing of it is kept.</param>
public sealed record AgedChannel(string Channel, TimeSpan? KeepFor);

/// <summary>Removes what is older than it may be, a batch at a time.</summary>
public sealed class RetentionStore(Database database)
{
    /// <summary>Channels whose first message is too old.</summary>
    /// <param name="messages">For channels that do not say otherwise; null: for ever.</param>
    public Task<List<AgedChannel>> AgedAsync(TimeSpan? messages, int limit, CancellationToken cancellation) => database.RunAsync("retentionAged", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select c.name, case when c.deleted_at is null then coalesce(c.retention, $1) end from channels c
            where (c.retention is not null or c.deleted_at is not null or $1 is not null)
                and (select c.deleted_at is not null or m.created_at < now() - coalesce(c.retention, $1) from messages m where m.channel = c.name order by m.seq limit 1)
            limit $2
            """, connection);
        command.Parameters.Add(new() { Value = (object?)messages ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Interval });
        command.Parameters.Add(new() { Value = limit });
        var aged = new List<AgedChannel>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            aged.Add(new AgedChannel(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<TimeSpan>(1)));
        return aged;
    }, cancellation);

    /// <summary>Removes the oldest messages of a channel, up to the first that is to be kept: what remains has no holes.</summary>
    /// <returns>How many; a full batch means that there may be more.</returns>
    public Task<int> TrimMessagesAsync(AgedChannel aged, int batch, CancellationToken cancellation) => database.RunAsync("retentionMessages", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with aged as (
                select q.seq from (
                    select p.seq, bool_and($2::interval is null or p.created_at < now() - $2) over (order by p.seq) as due
                    from (select m.seq, m.created_at from messages m where m.channel = $1 order by m.seq limit $3) p) q
                where q.due),
            gone as (delete from messages m using aged a where m.channel = $1 and m.seq = a.seq returning m.seq),
            upto as (select max(seq) as seq from gone),
            changes as (delete from message_changes h using upto u where h.channel = $1 and h.seq <= u.seq),
            news as (insert into outbox (kind, key, number) select 'trimmed', $1, u.seq from upto u where u.seq is not null)
            select count(*)::int from gone
            """, connection);
        command.Parameters.Add(new() { Value = aged.Channel });
        command.Parameters.Add(new() { Value = (object?)aged.KeepFor ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Interval });
        command.Parameters.Add(new() { Value = batch });
        return (int)(await command.ExecuteScalarAsync(token))!;
    }, cancellation);

    public Task<int> TrimCrashReportsAsync(TimeSpan keepFor, int batch, CancellationToken cancellation) =>
        TrimAsync("delete from crash_reports where id in (select id from crash_reports where time < now() - $1 order by time limit $2)", keepFor, batch, cancellation);

    public Task<int> TrimKicksAsync(TimeSpan keepFor, int batch, CancellationToken cancellation) => TrimAsync(
        """
        delete from channel_restrictions where ctid in (
            select ctid from channel_restrictions where (kind = 'kick' and at < now() - $1) or (kind <> 'kick' and until < now() - $1) limit $2)
        """, keepFor, batch, cancellation);

    Task<int> TrimAsync(string sql, TimeSpan keepFor, int batch, CancellationToken cancellation) => database.RunAsync("retentionTrim", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = keepFor });
        command.Parameters.Add(new() { Value = batch });
        return await command.ExecuteNonQueryAsync(token);
    }, cancellation);
}
