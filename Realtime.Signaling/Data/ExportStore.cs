using System.Runtime.CompilerServices;
using Npgsql;

namespace Realtime.Signaling.Data;

/// <summary>Everything stored about a user, as JSON records with a <c>type</c>, a page at a time.</summary>
public sealed class ExportStore(Database database)
{
    const int PageSize = 500;

    /// <summary>What is many: $1 the user, $2 after which id, $3 how many; the id and the record.</summary>
    const string Messages = """
        select m.id, json_strip_nulls(json_build_object('type', 'message', 'id', m.id, 'channel', m.channel, 'seq', m.seq, 'createdAt', m.created_at, 'editedAt', m.edited_at,
            'deletedAt', m.deleted_at, 'name', m.author_name, 'text', m.text, 'extras', m.payload,
            'earlier', (select json_agg(t.text order by t.replaced_seq) from message_texts t where t.channel = m.channel and t.message_seq = m.seq)))::text
        from messages m where m.author = $1 and m.id > $2 order by m.id limit $3
        """;

    /// <summary>What is little; $1 the user.</summary>
    static readonly string[] Others =
    [
        "select json_build_object('type', 'membership', 'channel', channel, 'role', role, 'addedBy', added_by, 'addedAt', added_at)::text from channel_members where user_id = $1 order by channel",
        """
        select json_strip_nulls(json_build_object('type', 'restriction', 'channel', channel, 'kind', kind, 'reason', reason, 'until', until, 'at', at))::text
        from channel_restrictions where user_id = $1 order by channel, kind
        """,
        "select json_build_object('type', 'readMark', 'channel', channel, 'seq', seq, 'readAt', read_at)::text from read_marks where user_id = $1 order by channel",
        """
        select json_build_object('type', 'attachment', 'id', id, 'channel', channel, 'name', name, 'contentType', content_type, 'size', size, 'createdAt', created_at)::text
        from attachments where uploader = $1 order by id
        """,
        """
        select json_build_object('type', 'friendship', 'user', case when low = $1 then high else low end, 'name', case when low = $1 then high_name else low_name end,
            'state', case when friends then 'friends' when asked_by = $1 then 'requested' else 'incoming' end, 'since', since)::text
        from friendships where low = $1 or high = $1 order by low, high
        """,
        "select json_build_object('type', 'session', 'name', name, 'channels', channels, 'createdAt', created_at)::text from sessions where user_id = $1 order by created_at",
        "select json_strip_nulls(json_build_object('type', 'audit', 'seq', seq, 'at', at, 'action', action, 'channel', channel, 'reason', reason))::text from audit_log where target = $1 order by seq",
    ];

    public async IAsyncEnumerable<string> ReadAsync(string user, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var after = "";
        while (true)
        {
            var page = await PageAsync(user, after, cancellation);
            foreach (var (_, record) in page)
                yield return record;
            if (page.Count < PageSize)
                break;
            after = page[^1].Id;
        }
        foreach (var sql in Others)
        {
            foreach (var record in await ListAsync(sql, user, cancellation))
                yield return record;
        }
    }

    Task<List<(string Id, string Record)>> PageAsync(string user, string after, CancellationToken cancellation) => database.RunAsync("exportPage", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(Messages, connection);
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = PageSize });
        var page = new List<(string, string)>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            page.Add((reader.GetString(0), reader.GetString(1)));
        return page;
    }, cancellation);

    Task<List<string>> ListAsync(string sql, string user, CancellationToken cancellation) => database.RunAsync("exportList", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = user });
        var records = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            records.Add(reader.GetString(0));
        return records;
    }, cancellation);
}
