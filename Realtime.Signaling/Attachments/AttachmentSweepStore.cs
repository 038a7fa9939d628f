using Npgsql;
using NpgsqlTypes;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Attachments;

/// <summary>What the sweeper asks for. Replicas may sweep at once: rows are marked first, files go next, rows last, and doing it twice does no harm.</summary>
public sealed class AttachmentSweepStore(Database database)
{
    /// <summary>Marks what nobody needs any more: uploads that never ended, files no stored message refers to. Files of stored messages are not looked at again.</summary>
    public Task MarkAsync(DateTimeOffset unfinishedBefore, DateTimeOffset orphanedBefore, CancellationToken cancellation) => database.RunAsync("attachmentMark", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with due as (
                select a.id, a.state, exists (
                    select from messages m
                    where m.channel = a.channel and m.author = a.uploader and m.client_message_id = a.message_key and m.deleted_at is null) as kept
                from attachments a
                where not a.kept and a.state <> 'removing' and a.created_at < case a.state when 'uploading' then $1 else $2 end
                order by a.created_at limit 1000 for update skip locked)
            update attachments a
            set kept = due.state = 'ready' and due.kept, state = case when due.state = 'ready' and due.kept then 'ready' else 'removing' end
            from due where a.id = due.id
            """, connection);
        command.Parameters.Add(new() { Value = unfinishedBefore });
        command.Parameters.Add(new() { Value = orphanedBefore });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    public Task<List<string>> MarkedAsync(int limit, CancellationToken cancellation) => database.RunAsync("attachmentMarked", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select id from attachments where not kept and state = 'removing' order by created_at limit $1", connection);
        command.Parameters.Add(new() { Value = limit });
        var ids = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            ids.Add(reader.GetString(0));
        return ids;
    }, cancellation);

    /// <summary>Their files are gone.</summary>
    public Task ForgetAsync(IReadOnlyCollection<string> ids, DateOnly usageBefore, CancellationToken cancellation) => database.RunAsync("attachmentForget", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            "with gone as (delete from attachments where id = any($1) and state = 'removing') delete from upload_usage where day < $2", connection);
        command.Parameters.Add(new() { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = usageBefore });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);
}
