using Npgsql;
using NpgsqlTypes;
using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Attachments;

/// <summary>One uploaded file. <see cref="MessageKey"/>: the clientMessageId of its uploader's message that refers to it; null while none does.</summary>
public sealed record StoredAttachment(AttachmentInfo Info, string? MessageKey);

/// <summary>What Postgres knows of attachments; the bytes are <see cref="AttachmentFiles"/>'. Every file has had a row before it had a byte.</summary>
public sealed class AttachmentStore(Database database)
{
    const string Uploading = "uploading";
    const string Ready = "ready";
    const string Removing = "removing";
    const string Columns = "a.id, a.channel, a.uploader, a.name, a.content_type, a.size, a.sha256, a.created_at, a.message_key";

    /// <summary>Before the first byte.</summary>
    public Task BeginAsync(AttachmentInfo upload, CancellationToken cancellation) => database.RunAsync("attachmentBegin", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"insert into attachments (id, channel, uploader, name, content_type, state, created_at) values ($1, $2, $3, $4, $5, '{Uploading}', $6)", connection);
        command.Parameters.Add(new() { Value = upload.Id });
        command.Parameters.Add(new() { Value = upload.Channel });
        command.Parameters.Add(new() { Value = upload.Uploader });
        command.Parameters.Add(new() { Value = upload.Name });
        command.Parameters.Add(new() { Value = upload.Type });
        command.Parameters.Add(new() { Value = upload.CreatedAt });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>After the file stands. Not cancellable: what was written is to be known.</summary>
    public Task FinishAsync(string id, long size, string sha256) => database.RunAsync("attachmentFinish", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"update attachments set state = '{Ready}', size = $2, sha256 = $3 where id = $1 and state = '{Uploading}'", connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = size });
        command.Parameters.Add(new() { Value = sha256 });
        await command.ExecuteNonQueryAsync(token);
    }, CancellationToken.None);

    public Task<StoredAttachment?> FindAsync(string id, CancellationToken cancellation) => database.RunAsync("attachment", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"select {Columns} from attachments a where a.id = $1 and a.state = '{Ready}'", connection);
        command.Parameters.Add(new() { Value = id });
        await command.PrepareAsync(token);
        await using var reader = await command.ExecuteReaderAsync(token);
        return await reader.ReadAsync(token) ? Read(reader) : null;
    }, cancellation);

    /// <summary>
    /// Binds uploads to the message that is about to be sent: all of them or none. The same message (author and clientMessageId) may claim again, any other may not, so an upload
    /// belongs to one message. A claim whose message is never stored ends with the upload itself, after a day.
    /// </summary>
    /// <returns>What the message is to carry, in the order given.</returns>
    /// <exception cref="RealtimeException"><c>invalid</c>: one of them is not the author's, not in this channel, or taken.</exception>
    public Task<IReadOnlyList<MessageAttachment>> ClaimAsync(
        string channel, string author, string clientMessageId, IReadOnlyList<string> ids, CancellationToken cancellation) => database.RunAsync<IReadOnlyList<MessageAttachment>>("attachmentClaim", async (connection, token) =>
    {
        await using var transaction = await connection.BeginTransactionAsync(token);
        await using var command = new NpgsqlCommand(
            $"""
            update attachments a set message_key = $3
            where a.id = any($4) and a.channel = $1 and a.uploader = $2 and a.state = '{Ready}' and (a.message_key is null or a.message_key = $3)
            returning {Columns}
            """, connection, transaction);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = author });
        command.Parameters.Add(new() { Value = clientMessageId });
        command.Parameters.Add(new() { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        var claimed = new Dictionary<string, MessageAttachment>(StringComparer.Ordinal);
        await using (var reader = await command.ExecuteReaderAsync(token))
        {
            while (await reader.ReadAsync(token))
            {
                var info = Read(reader).Info;
                claimed[info.Id] = new MessageAttachment(info.Id, info.Name, info.Type, info.Size);
            }
        }
        if (ids.Any(id => !claimed.ContainsKey(id)))
            throw new RealtimeException(new(ErrorCode.Invalid, "Attachments are your own uploads to this channel, each in one message.", "attachments"));
        await transaction.CommitAsync(token);
        return [.. ids.Distinct(StringComparer.Ordinal).Select(id => claimed[id])];
    }, cancellation);

    /// <summary>From now on it is not served; the sweeper removes the file and the row.</summary>
    public Task RemoveAsync(string id, CancellationToken cancellation) => database.RunAsync("attachmentRemove", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"update attachments set state = '{Removing}', kept = false where id = $1", connection);
        command.Parameters.Add(new() { Value = id });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>Takes bytes from the user's day.</summary>
    /// <returns>False: there are not so many left, and none was taken.</returns>
    public Task<bool> TakeQuotaAsync(string user, DateOnly day, long bytes, long most, CancellationToken cancellation) => database.RunAsync("uploadQuota", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            insert into upload_usage as u (user_id, day, bytes) select $1, $2, $3 where $3 <= $4
            on conflict (user_id, day) do update set bytes = u.bytes + excluded.bytes where u.bytes + excluded.bytes <= $4
            returning u.bytes
            """, connection);
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = day });
        command.Parameters.Add(new() { Value = bytes });
        command.Parameters.Add(new() { Value = most });
        return await command.ExecuteScalarAsync(token) is not null;
    }, cancellation);

    /// <summary>Gives back what was taken and not received.</summary>
    public Task ReturnQuotaAsync(string user, DateOnly day, long bytes) => database.RunAsync("uploadQuotaReturn", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("update upload_usage set bytes = greatest(0, bytes - $3) where user_id = $1 and day = $2", connection);
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = day });
        command.Parameters.Add(new() { Value = bytes });
        await command.ExecuteNonQueryAsync(token);
    }, CancellationToken.None);

    static StoredAttachment Read(NpgsqlDataReader reader) => new(
        new AttachmentInfo(
            reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetInt64(5), reader.GetString(6),
            reader.GetFieldValue<DateTimeOffset>(7)),
        reader.IsDBNull(8) ? null : reader.GetString(8));
}
