using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>Messages in Postgres: append a batch, read a range as it stands now.</summary>
public sealed class MessageStore(Database database)
{
    const string Columns = "m.channel, c.epoch, m.seq, m.id, m.author, m.author_name, m.text, m.created_at, m.client_message_id, m.payload, m.edited_at, m.deleted_at";

    /// <summary>One statement for the whole batch; answers in the order of the batch, <see cref="Appended.Refused"/> where the author may not write there. Not cancellable: what was sent is to be known.</summary>
    public Task<Appended[]> AppendAsync(string channel, IReadOnlyList<NewMessage> batch) => database.RunAsync("append", async (connection, cancellation) =>
    {
        await using var command = new NpgsqlCommand("select * from append_checked($1, $2, $3, $4, $5, $6, $7, $8)", connection);
        command.Parameters.Add(new() { Value = channel });
        AddTexts(command, batch, static message => message.Id);
        AddTexts(command, batch, static message => message.Author);
        AddTexts(command, batch, static message => message.AuthorName);
        AddTexts(command, batch, static message => message.ClientMessageId);
        AddTexts(command, batch, static message => message.Text);
        AddTexts(command, batch, static message => message.Extras is null ? null : JsonSerializer.Serialize(message.Extras, ContractsJson.Options));
        command.Parameters.Add(new() { Value = batch.Select(static message => message.CreatedAt.UtcDateTime).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        await command.PrepareAsync(cancellation);

        var appended = new Appended[batch.Count];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            appended[reader.GetInt32(0) - 1] = new Appended(
                reader.GetString(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetBoolean(4), reader.GetInt64(5));
        }
        return appended;
    }, CancellationToken.None);

    /// <summary>Null: nobody has written to the channel yet.</summary>
    public Task<ChannelHead?> HeadAsync(string channel, CancellationToken cancellation) => database.RunAsync("head", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select c.epoch, c.seq, coalesce(least(
                (select m.seq from messages m where m.channel = c.name order by m.seq limit 1),
                (select h.seq from message_changes h where h.channel = c.name order by h.seq limit 1)), c.seq + 1) from channels c where c.name = $1
            """, connection);
        command.Parameters.Add(new() { Value = channel });
        await command.PrepareAsync(token);
        await using var reader = await command.ExecuteReaderAsync(token);
        return await reader.ReadAsync(token) ? new ChannelHead(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)) : (ChannelHead?)null;
    }, cancellation);

    /// <summary>Whether the channel has that message, not deleted.</summary>
    public Task<bool> StandsAsync(string channel, string id, CancellationToken cancellation) => database.RunAsync("stands", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select exists (select from messages m where m.id = $2 and m.channel = $1 and m.deleted_at is null)", connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = id });
        await command.PrepareAsync(token);
        return (bool)(await command.ExecuteScalarAsync(token))!;
    }, cancellation);

    /// <summary>What is stored under a client's id. Null: nothing.</summary>
    public Task<Appended?> FindAsync(string channel, string author, string clientMessageId, CancellationToken cancellation) => database.RunAsync("find", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            "select m.id, m.seq, m.created_at, c.epoch from messages m join channels c on c.name = m.channel where m.channel = $1 and m.author = $2 and m.client_message_id = $3", connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = author });
        command.Parameters.Add(new() { Value = clientMessageId });
        await using var reader = await command.ExecuteReaderAsync(token);
        return await reader.ReadAsync(token)
            ? new Appended(reader.GetString(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2), Duplicate: true, reader.GetInt64(3))
            : (Appended?)null;
    }, cancellation);

    /// <summary>Messages with <paramref name="after"/> &lt; seq, the oldest first.</summary>
    public Task<List<Message>> ReadAfterAsync(string channel, long after, int limit, CancellationToken cancellation) =>
        ReadAsync($"select {Columns} from messages m join channels c on c.name = m.channel where m.channel = $1 and m.seq > $2 order by m.seq limit $3", channel, after, limit, cancellation);

    /// <summary>The last messages with seq &lt; <paramref name="before"/>, the oldest first.</summary>
    public async Task<List<Message>> ReadBeforeAsync(string channel, long before, int limit, CancellationToken cancellation)
    {
        var messages = await ReadAsync(
            $"select {Columns} from messages m join channels c on c.name = m.channel where m.channel = $1 and m.seq < $2 order by m.seq desc limit $3", channel, before, limit, cancellation);
        messages.Reverse();
        return messages;
    }

    /// <summary>A message by its id, whatever channel it is in: the caller asks who may see it.</summary>
    public Task<Message?> FindAsync(string id, CancellationToken cancellation) => database.RunAsync("readMessage", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"select {Columns} from messages m join channels c on c.name = m.channel where m.id = $1", connection);
        command.Parameters.Add(new() { Value = id });
        return (await ReadAsync(command, token)).FirstOrDefault();
    }, cancellation);

    Task<List<Message>> ReadAsync(string sql, string channel, long from, int limit, CancellationToken cancellation) => database.RunAsync("read", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = limit });
        await command.PrepareAsync(token);
        return await ReadAsync(command, token);
    }, cancellation);

    static async Task<List<Message>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        var messages = new List<Message>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var extras = reader.IsDBNull(9) ? null : JsonSerializer.Deserialize<MessageExtras>(reader.GetString(9), ContractsJson.Options);
            var deleted = !reader.IsDBNull(11);
            messages.Add(new Message(
                reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetString(3), reader.GetString(4), reader.GetString(5), reader.GetString(6),
                reader.GetFieldValue<DateTimeOffset>(7), reader.GetString(8), extras?.Mentions, extras?.Attachments, extras?.Embeds, extras?.ReplyTo,
                deleted || reader.IsDBNull(10) ? null : reader.GetFieldValue<DateTimeOffset>(10), deleted ? true : null));
        }
        return messages;
    }

    static void AddTexts(NpgsqlCommand command, IReadOnlyList<NewMessage> batch, Func<NewMessage, string?> column) =>
        command.Parameters.Add(new() { Value = batch.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
}
