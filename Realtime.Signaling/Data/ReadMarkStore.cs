using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>One user has read one channel up to here.</summary>
public readonly record struct ReadMark(string Channel, string User, long Seq);

/// <summary>Read marks in Postgres: they only go forward.</summary>
public sealed class ReadMarkStore(Database database)
{
    /// <summary>Writes a batch in one statement, with one outbox entry per channel that names the marks which moved. Again or late: nothing moves, nobody is told.</summary>
    public Task SaveAsync(IReadOnlyList<ReadMark> marks, CancellationToken cancellation) => database.RunAsync("readMarks", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with given as (select * from unnest($1::text[], $2::text[], $3::bigint[]) as g (channel, user_id, seq)),
            moved as (
                insert into read_marks as r (channel, user_id, seq)
                -- In one order, so that replicas that write the same rows wait for each other instead of dying; a channel that is gone needs no marks.
                select g.channel, g.user_id, g.seq from given g join channels c on c.name = g.channel order by g.channel, g.user_id
                on conflict (channel, user_id) do update set seq = excluded.seq, read_at = now() where r.seq < excluded.seq
                returning channel, user_id, seq)
            insert into outbox (kind, key, payload)
            select '{OutboxKind.ReadMarks}', channel, json_agg(json_build_object('user', user_id, 'seq', seq))::text from moved group by channel
            """, connection);
        command.Parameters.Add(Texts(marks, static mark => mark.Channel));
        command.Parameters.Add(Texts(marks, static mark => mark.User));
        command.Parameters.Add(new() { Value = marks.Select(static mark => mark.Seq).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        await command.PrepareAsync(token);
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>Null: the user never said.</summary>
    public Task<long?> FindAsync(string channel, string user, CancellationToken cancellation) => database.RunAsync("readMark", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select seq from read_marks where channel = $1 and user_id = $2", connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = user });
        await command.PrepareAsync(token);
        return (long?)await command.ExecuteScalarAsync(token);
    }, cancellation);

    /// <summary>The marks that an outbox entry tells of. Never throws: what cannot be read is of another version, and nothing is lost by leaving it out.</summary>
    public static IReadOnlyList<ReadMark> Read(OutboxEntry entry)
    {
        try
        {
            var told = JsonSerializer.Deserialize<List<Told>>(entry.Payload ?? "[]", ContractsJson.Options) ?? [];
            return [.. told.Where(static one => one is { User: not null }).Select(one => new ReadMark(entry.Key, one.User!, one.Seq))];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    sealed record Told(string? User, long Seq);

    static NpgsqlParameter Texts(IReadOnlyList<ReadMark> marks, Func<ReadMark, string> column) =>
        new() { Value = marks.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
