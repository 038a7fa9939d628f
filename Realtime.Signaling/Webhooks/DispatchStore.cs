using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Webhooks;

/// <summary>What there is to dispatch. <see cref="From"/>: where each channel named in <see cref="Entries"/> was left.</summary>
public sealed record DispatchWork(
    OutboxCursor Cursor, IReadOnlyList<WebhookEndpoint> Endpoints, IReadOnlyList<(OutboxEntry Entry, DateTimeOffset At)> Entries, IReadOnlyDictionary<string, (long Epoch, long Seq)> From);

/// <summary>A row of <c>webhook_deliveries</c> to be.</summary>
public readonly record struct NewDelivery(string Endpoint, WebhookEvent Event);

/// <summary>
/// Turns the outbox into deliveries exactly once: one statement moves the cursor and writes the deliveries, and it does neither when the cursor is not where the caller saw it. So any
/// replica may try at any time, and any may die at any moment.
/// </summary>
public sealed class DispatchStore(Database database)
{
    const int PageSize = 500;

    public Task<DispatchWork> LookAsync(CancellationToken cancellation) => database.RunAsync("webhookLook", async (connection, token) =>
    {
        var cursor = await CursorAsync(connection, token);
        var endpoints = await EndpointStore.EnabledAsync(connection, token);
        var entries = await EntriesAsync(connection, cursor, token);
        var channels = entries.Where(static one => one.Entry.Kind == OutboxKind.Messages).Select(static one => one.Entry.Key).Distinct(StringComparer.Ordinal).ToArray();
        return new DispatchWork(cursor, endpoints, entries, await PositionsAsync(connection, channels, token));
    }, cancellation);

    /// <returns>False: another replica was faster, and nothing was written.</returns>
    public Task<bool> DispatchAsync(
        OutboxCursor seen, OutboxCursor next, IReadOnlyList<NewDelivery> deliveries, IReadOnlyDictionary<string, (long Epoch, long Seq)> positions, DateTimeOffset now,
        CancellationToken cancellation) => database.RunAsync("webhookDispatch", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with moved as (
                update webhook_cursor set txid = $3::text::xid8, id = $4 where txid = $1::text::xid8 and id = $2 returning one),
            placed as (
                insert into webhook_positions (channel, epoch, seq) select p.channel, p.epoch, p.seq from unnest($5::text[], $6::bigint[], $7::bigint[]) p (channel, epoch, seq), moved
                on conflict (channel) do update set epoch = excluded.epoch, seq = excluded.seq),
            added as (
                insert into webhook_deliveries (endpoint, event, kind, channel, payload, about, next_at, created_at)
                select d.endpoint, d.event, d.kind, d.channel, d.payload, string_to_array(d.about, E'\n'), $13, $13
                from unnest($8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $14::text[]) with ordinality d (endpoint, event, kind, channel, payload, about, place)
                join webhook_endpoints e on e.id = d.endpoint, moved
                order by d.place
                on conflict (endpoint, event) do nothing)
            select count(*) from moved
            """, connection);
        command.Parameters.Add(new() { Value = seen.TransactionId.ToString(CultureInfo.InvariantCulture) });
        command.Parameters.Add(new() { Value = seen.Id });
        command.Parameters.Add(new() { Value = next.TransactionId.ToString(CultureInfo.InvariantCulture) });
        command.Parameters.Add(new() { Value = next.Id });
        command.Parameters.Add(Texts(positions.Keys));
        command.Parameters.Add(Numbers(positions.Values.Select(static one => one.Epoch)));
        command.Parameters.Add(Numbers(positions.Values.Select(static one => one.Seq)));
        command.Parameters.Add(Texts(deliveries.Select(static one => one.Endpoint)));
        command.Parameters.Add(Texts(deliveries.Select(static one => one.Event.Id)));
        command.Parameters.Add(Texts(deliveries.Select(static one => one.Event.Kind)));
        command.Parameters.Add(Texts(deliveries.Select(static one => one.Event.Channel)));
        command.Parameters.Add(Texts(deliveries.Select(static one => one.Event.Payload)));
        command.Parameters.Add(new() { Value = now });
        // Ids of users hold no line feed.
        command.Parameters.Add(Texts(deliveries.Select(static one => string.Join('\n', one.Event.About))));
        return (long)(await command.ExecuteScalarAsync(token))! > 0;
    }, cancellation);

    static async Task<OutboxCursor> CursorAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select txid::text, id from webhook_cursor", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            throw new InvalidOperationException("The row of webhook_cursor is missing.");
        return new OutboxCursor(ulong.Parse(reader.GetString(0), CultureInfo.InvariantCulture), reader.GetInt64(1));
    }

    /// <summary>Final ones only: nothing can still be committed before them.</summary>
    static async Task<List<(OutboxEntry Entry, DateTimeOffset At)>> EntriesAsync(NpgsqlConnection connection, OutboxCursor cursor, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select txid::text, id, kind, key, epoch, number, payload, created_at from outbox
            where (txid, id) > ($1::text::xid8, $2) and txid < pg_snapshot_xmin(pg_current_snapshot()) order by txid, id limit $3
            """, connection);
        command.Parameters.Add(new() { Value = cursor.TransactionId.ToString(CultureInfo.InvariantCulture) });
        command.Parameters.Add(new() { Value = cursor.Id });
        command.Parameters.Add(new() { Value = PageSize });
        var entries = new List<(OutboxEntry Entry, DateTimeOffset At)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            entries.Add((new OutboxEntry(
                ulong.Parse(reader.GetString(0), CultureInfo.InvariantCulture), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetInt64(4), reader.GetInt64(5),
                reader.IsDBNull(6) ? null : reader.GetString(6), true), reader.GetFieldValue<DateTimeOffset>(7)));
        }
        return entries;
    }

    static async Task<Dictionary<string, (long, long)>> PositionsAsync(NpgsqlConnection connection, string[] channels, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select channel, epoch, seq from webhook_positions where channel = any($1)", connection);
        command.Parameters.Add(Texts(channels));
        var positions = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            positions[reader.GetString(0)] = (reader.GetInt64(1), reader.GetInt64(2));
        return positions;
    }

    static NpgsqlParameter Texts(IEnumerable<string> texts) => new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    static NpgsqlParameter Numbers(IEnumerable<long> numbers) => new() { Value = numbers.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };
}
