using Npgsql;
using NpgsqlTypes;
using Realtime.Contracts;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Webhooks;

/// <summary>Deliveries as operators see them: listed, replayed, and thrown away when they are old.</summary>
public sealed class DeliveryRecords(Database database)
{
    const int TrimBatch = 5000;

    public Task<List<DeliveryInfo>> ListAsync(string? endpoint, string? state, long after, int limit, CancellationToken cancellation, bool newestFirst = false) => database.RunAsync("deliveries", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            select id, endpoint, event, kind, channel, state, attempts, crashes, status, error, created_at, case when state = 'pending' then next_at end, finished_at
            from webhook_deliveries where id {(newestFirst ? "<" : ">")} $1 and ($2 is null or endpoint = $2) and ($3 is null or state = $3) order by id {(newestFirst ? "desc" : "")} limit $4
            """, connection);
        command.Parameters.Add(new() { Value = newestFirst && after == 0 ? long.MaxValue : after });
        command.Parameters.Add(Text(endpoint));
        command.Parameters.Add(Text(state));
        command.Parameters.Add(new() { Value = limit });
        var found = new List<DeliveryInfo>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            found.Add(new DeliveryInfo(
                reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetString(5),
                reader.GetInt32(6), reader.GetInt32(7), reader.IsDBNull(8) ? null : reader.GetInt32(8), reader.IsDBNull(9) ? null : reader.GetString(9),
                reader.GetFieldValue<DateTimeOffset>(10), reader.IsDBNull(11) ? null : reader.GetFieldValue<DateTimeOffset>(11),
                reader.IsDBNull(12) ? null : reader.GetFieldValue<DateTimeOffset>(12)));
        }
        return found;
    }, cancellation);

    /// <summary>Dead letters become pending again, with all their attempts; they keep their place, before what came later.</summary>
    /// <param name="delivery">One; null: all of the endpoint.</param>
    public Task<long> ReplayAsync(string? endpoint, long? delivery, DateTimeOffset now, CancellationToken cancellation) => database.RunAsync("deliveryReplay", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            update webhook_deliveries set state = 'pending', attempts = 0, crashes = 0, next_at = $3, finished_at = null
            where state = 'dead' and payload is not null and ($1 is null or endpoint = $1) and ($2 is null or id = $2) and ($1 is not null or $2 is not null)
            """, connection);
        command.Parameters.Add(Text(endpoint));
        command.Parameters.Add(new() { Value = (object?)delivery ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new() { Value = now });
        return (long)await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>One event for one endpoint, besides what the outbox brings.</summary>
    /// <returns>False: there is no such endpoint.</returns>
    public Task<bool> AddAsync(string endpoint, string eventId, string kind, string payload, DateTimeOffset now, CancellationToken cancellation) => database.RunAsync("deliveryAdd", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            insert into webhook_deliveries (endpoint, event, kind, payload, next_at, created_at)
            select e.id, $2, $3, $4, $5, $5 from webhook_endpoints e where e.id = $1 on conflict do nothing
            """, connection);
        command.Parameters.Add(new() { Value = endpoint });
        command.Parameters.Add(new() { Value = eventId });
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = payload });
        command.Parameters.Add(new() { Value = now });
        return await command.ExecuteNonQueryAsync(token) > 0;
    }, cancellation);

    /// <summary>Drops what is older than its retention, a batch at a time.</summary>
    public Task<int> TrimAsync(DateTimeOffset deliveredBefore, DateTimeOffset deadBefore, CancellationToken cancellation) => database.RunAsync("deliveryTrim", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            delete from webhook_deliveries where id in (
                select d.id from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint
                where (d.state = 'delivered' and d.finished_at < $1) or (d.state = 'dead' and d.finished_at < $2)
                    or (d.state = 'pending' and not e.enabled and d.created_at < $2)
                limit {TrimBatch} for update of d skip locked)
            """, connection);
        command.Parameters.Add(new() { Value = deliveredBefore });
        command.Parameters.Add(new() { Value = deadBefore });
        return await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>Enabled endpoints for which more waits than may.</summary>
    public Task<List<string>> OverfullAsync(int most, CancellationToken cancellation) => database.RunAsync("deliveryOverfull", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select e.id from webhook_endpoints e where e.enabled and exists (
                select from webhook_deliveries d where d.endpoint = e.id and d.state in ('pending', 'claimed') order by d.id offset $1 limit 1)
            """, connection);
        command.Parameters.Add(new() { Value = most });
        var found = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            found.Add(reader.GetString(0));
        return found;
    }, cancellation);

    static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
