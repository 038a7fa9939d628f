using System.Text.Json;
using Npgsql;
using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>A channel's events in Postgres, messages and changes of messages in their one order, as those who missed them are told.</summary>
public sealed class ChannelEventStore(Database database)
{
    static readonly string After = Query(">", "");
    static readonly string Before = Query("<", "desc");

    /// <summary>Events with <paramref name="after"/> &lt; seq, the oldest first.</summary>
    public Task<List<StoredEvent>> ReadAfterAsync(string channel, long after, int limit, CancellationToken cancellation) => ReadAsync(After, channel, after, limit, cancellation);

    /// <summary>The last events with seq &lt; <paramref name="before"/>, the oldest first.</summary>
    public async Task<List<StoredEvent>> ReadBeforeAsync(string channel, long before, int limit, CancellationToken cancellation)
    {
        var events = await ReadAsync(Before, channel, before, limit, cancellation);
        events.Reverse();
        return events;
    }

    Task<List<StoredEvent>> ReadAsync(string sql, string channel, long from, int limit, CancellationToken cancellation) => database.RunAsync("readEvents", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = limit });
        await command.PrepareAsync(token);
        var events = new List<StoredEvent>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            events.Add(Read(channel, reader));
        return events;
    }, cancellation);

    static StoredEvent Read(string channel, NpgsqlDataReader reader)
    {
        var (epoch, seq, id, of) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetString(3), reader.GetInt64(4));
        var (actor, text, at, gone) = (reader.GetString(5), reader.GetString(7), reader.GetFieldValue<DateTimeOffset>(8), reader.GetBoolean(12) ? true : (bool?)null);
        return new StoredEvent(epoch, seq, reader.GetString(2) switch
        {
            MessageChangeKind.Updated => new MessageUpdatedEvent(channel, epoch, seq, id, of, text, actor, at, gone),
            MessageChangeKind.Deleted => new MessageDeletedEvent(channel, epoch, seq, id, of, actor, at, reader.IsDBNull(11) ? null : reader.GetString(11)),
            _ => Created(reader.IsDBNull(10) ? null : JsonSerializer.Deserialize<MessageExtras>(reader.GetString(10), ContractsJson.Options)),
        });

        Message Created(MessageExtras? extras) => new(
            channel, epoch, seq, id, actor, reader.GetString(6), text, at, reader.GetString(9), extras?.Mentions, extras?.Attachments, extras?.Embeds, extras?.ReplyTo, Deleted: gone);
    }

    /// <summary>What a message said from its own place, or from that of a change, on: the next replaced text, else the one that stands. Nothing once it was deleted.</summary>
    static string TextFrom(string place) =>
        $"""
        case when m.deleted_at is not null or m.seq is null then '' when m.edited_at is null then m.text
            else coalesce((select t.text from message_texts t where t.channel = m.channel and t.message_seq = m.seq and t.replaced_seq > {place} order by t.replaced_seq limit 1), m.text) end
        """;

    static string Query(string side, string order) =>
        $"""
        select c.epoch, e.* from channels c, (
            (select m.seq, 'created', m.id, m.seq, m.author, m.author_name, {TextFrom("m.seq")}, m.created_at, m.client_message_id, m.payload, null::text, m.deleted_at is not null
             from messages m where m.channel = $1 and m.seq {side} $2 order by m.seq {order} limit $3)
            union all
            (select h.seq, h.kind, h.message_id, h.message_seq, h.actor, null::text, {TextFrom("h.seq")}, h.created_at, null::text, null::json, h.reason, m.deleted_at is not null or m.seq is null
             from message_changes h left join messages m on m.channel = h.channel and m.seq = h.message_seq
             where h.channel = $1 and h.seq {side} $2 order by h.seq {order} limit $3)) as e (seq, kind, id, of_seq, actor, name, text, at, client_id, payload, reason, gone)
        where c.name = $1 order by e.seq {order} limit $3
        """;
}
