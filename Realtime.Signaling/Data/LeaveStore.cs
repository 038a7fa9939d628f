using Npgsql;
using NpgsqlTypes;
using Realtime.Contracts;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Data;

/// <summary>Leaves that no media node has acknowledged yet, in Postgres.</summary>
public sealed class LeaveStore(Database database, Migrator migrator) : IPendingLeaves
{
    public Task AddAsync(IReadOnlyList<PendingLeave> leaves, DateTimeOffset now, DateTimeOffset leaseEnds, CancellationToken cancellation) => RequireSchema().RunAsync("leavesAdd", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            insert into media_commands (id, node, room, epoch, participant, reason, lease_ends, created_at)
            select l.id, l.node, l.room, l.epoch, l.participant, l.reason, $7, $8
            from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[]) l (id, node, room, epoch, participant, reason) on conflict do nothing
            """, connection);
        command.Parameters.Add(Texts(leaves.Select(static leave => leave.Id)));
        command.Parameters.Add(Texts(leaves.Select(static leave => leave.Placement.Node)));
        command.Parameters.Add(Texts(leaves.Select(static leave => leave.Placement.Room)));
        command.Parameters.Add(new() { Value = leaves.Select(static leave => leave.Placement.Epoch).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        command.Parameters.Add(Texts(leaves.Select(static leave => leave.Participant)));
        command.Parameters.Add(Texts(leaves.Select(static leave => leave.Reason)));
        command.Parameters.Add(new() { Value = leaseEnds });
        command.Parameters.Add(new() { Value = now });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    public Task RemoveAsync(IReadOnlyList<string> ids, CancellationToken cancellation) => RequireSchema().RunAsync("leavesRemove", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("delete from media_commands where id = any($1)", connection);
        command.Parameters.Add(Texts(ids));
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    public Task<IReadOnlyList<PendingLeave>> TakeStuckAsync(DateTimeOffset now, DateTimeOffset leaseEnds, int most, CancellationToken cancellation) =>
        RequireSchema().RunAsync<IReadOnlyList<PendingLeave>>("leavesStuck", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with stuck as (select id from media_commands where lease_ends < $1 order by lease_ends limit $3 for update skip locked)
            update media_commands c set attempts = c.attempts + 1, lease_ends = $2 from stuck where c.id = stuck.id
            returning c.id, c.room, c.node, c.epoch, c.participant, c.reason, c.attempts
            """, connection);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = leaseEnds });
        command.Parameters.Add(new() { Value = most });
        var leaves = new List<PendingLeave>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            leaves.Add(new PendingLeave(
                reader.GetString(0), new Placement(reader.GetString(1), reader.GetString(2), reader.GetInt64(3)), reader.GetString(4), reader.GetString(5), reader.GetInt32(6)));
        }
        return leaves;
    }, cancellation);

    Database RequireSchema() => migrator.Done.IsCompleted
        ? database
        : throw new RealtimeException(new(ErrorCode.Unavailable, "The database is not ready yet.", RetryAfterMs: 1000));

    static NpgsqlParameter Texts(IEnumerable<string> texts) => new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
