using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Realtime.Contracts;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Data;

/// <summary>
/// Sessions in Postgres: what lets a client resume on any replica, and what ends a session whose replica died. Every change that members of a channel should hear of
/// writes its outbox entry in the same statement. Writes carry the generation: a replica that lost the session to another one changes nothing.
/// </summary>
public sealed class SessionStore(Database database, ReplicaIdentity self)
{
    const string Columns = "id, user_id, name, generation, channels, rooms";

    const string News = "insert into outbox (kind, key) select distinct 'members', c from ";

    /// <summary>Writes the session as this replica knows it; an older generation in the table is overwritten, a newer one wins.</summary>
    public Task SaveAsync(SessionRow session, CancellationToken cancellation) => database.RunAsync("sessionSave", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with saved as (
                insert into sessions as s (id, user_id, name, replica, boot, generation, channels, rooms) values ($1, $2, $3, $4, $5, $6, $7, $8::json)
                on conflict (id) do update set replica = excluded.replica, boot = excluded.boot, generation = excluded.generation, channels = excluded.channels,
                    rooms = excluded.rooms, lease_ends = null
                where s.user_id = excluded.user_id and s.generation <= excluded.generation
                returning channels)
            {News} saved, unnest(saved.channels) c
            """, connection);
        command.Parameters.Add(new() { Value = session.Id });
        command.Parameters.Add(new() { Value = session.User });
        command.Parameters.Add(new() { Value = session.Name });
        command.Parameters.Add(new() { Value = self.Name });
        command.Parameters.Add(new() { Value = self.Boot });
        command.Parameters.Add(new() { Value = session.Generation });
        command.Parameters.Add(Texts(session.Channels));
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(session.Rooms, ContractsJson.Options) });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>Takes the session over, from a lease, from a dead replica or from a live one that does not know yet that its connection is gone. Null: it has ended.</summary>
    public Task<SessionRow?> TakeAsync(string session, string user, CancellationToken cancellation) => database.RunAsync("sessionTake", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with taken as (
                update sessions set replica = $3, boot = $4, generation = generation + 1, lease_ends = null where id = $1 and user_id = $2 returning {Columns}),
            news as (
                insert into outbox (kind, key, number) select '{OutboxKind.SessionTaken}', id, generation from taken)
            select {Columns} from taken
            """, connection);
        command.Parameters.Add(new() { Value = session });
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = self.Name });
        command.Parameters.Add(new() { Value = self.Boot });
        return (await ReadAsync(command, token)).FirstOrDefault();
    }, cancellation);

    public Task SetChannelsAsync(string session, long generation, IReadOnlyList<string> channels, string changed, CancellationToken cancellation) =>
        database.RunAsync("sessionChannels", async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(
                """
                with changed as (update sessions set channels = $3 where id = $1 and generation = $2 returning id)
                insert into outbox (kind, key) select 'members', $4 from changed
                """, connection);
            command.Parameters.Add(new() { Value = session });
            command.Parameters.Add(new() { Value = generation });
            command.Parameters.Add(Texts(channels));
            command.Parameters.Add(new() { Value = changed });
            await command.ExecuteNonQueryAsync(token);
        }, cancellation);

    public Task SetRoomsAsync(string session, long generation, IReadOnlyList<SessionRoom> rooms, CancellationToken cancellation) =>
        database.RunAsync("sessionRooms", async (connection, token) =>
        {
            await using var command = new NpgsqlCommand("update sessions set rooms = $3::json where id = $1 and generation = $2", connection);
            command.Parameters.Add(new() { Value = session });
            command.Parameters.Add(new() { Value = generation });
            command.Parameters.Add(new() { Value = JsonSerializer.Serialize(rooms, ContractsJson.Options) });
            await command.ExecuteNonQueryAsync(token);
        }, cancellation);

    /// <summary>The connection is gone: whoever takes the session within the lease goes on with it.</summary>
    public Task ReleaseAsync(string session, long generation, TimeSpan lease, CancellationToken cancellation) => database.RunAsync("sessionRelease", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("update sessions set lease_ends = now() + $3 where id = $1 and generation = $2", connection);
        command.Parameters.Add(new() { Value = session });
        command.Parameters.Add(new() { Value = generation });
        command.Parameters.Add(new() { Value = lease });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>Ends the session for good. False: another replica has it, or it has ended.</summary>
    public Task<bool> EndAsync(string session, long generation, CancellationToken cancellation) => database.RunAsync("sessionEnd", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with ended as (delete from sessions where id = $1 and generation = $2 returning id, channels),
            news as ({News} ended, unnest(ended.channels) c)
            select count(*) from ended
            """, connection);
        command.Parameters.Add(new() { Value = session });
        command.Parameters.Add(new() { Value = generation });
        return (long)(await command.ExecuteScalarAsync(token))! > 0;
    }, cancellation);

    /// <summary>
    /// Ends what is due: leases that ran out, and sessions whose replica has not been heard of for <paramref name="deadAfter"/> (its death unnoticed, and the lease).
    /// Deleting is the compare-and-set: of several replicas exactly one gets each session.
    /// </summary>
    public Task<List<SessionRow>> ReapAsync(TimeSpan deadAfter, int limit, CancellationToken cancellation) => database.RunAsync("sessionReap", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with due as (
                select s.id from sessions s left join replicas r on r.boot = s.boot
                where s.lease_ends < now() or (s.lease_ends is null and s.boot <> $1 and coalesce(r.heartbeat_at, s.created_at) < now() - $2)
                limit $3 for update of s skip locked),
            ended as (delete from sessions where id in (select id from due) returning {Columns}),
            news as ({News} ended, unnest(ended.channels) c)
            select {Columns} from ended
            """, connection);
        command.Parameters.Add(new() { Value = self.Boot });
        command.Parameters.Add(new() { Value = deadAfter });
        command.Parameters.Add(new() { Value = limit });
        return await ReadAsync(command, token);
    }, cancellation);

    /// <summary>The ids of the sessions that the table says are held here.</summary>
    public Task<HashSet<string>> HeldAsync(CancellationToken cancellation) => database.RunAsync("sessionsHeld", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select id from sessions where boot = $1 and lease_ends is null", connection);
        command.Parameters.Add(new() { Value = self.Boot });
        var held = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            held.Add(reader.GetString(0));
        return held;
    }, cancellation);

    /// <summary>Leases a session that the table says is held here, but that is not.</summary>
    public Task ReleaseStrayAsync(string session, TimeSpan lease, CancellationToken cancellation) => database.RunAsync("sessionStray", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("update sessions set lease_ends = now() + $3 where id = $1 and boot = $2 and lease_ends is null", connection);
        command.Parameters.Add(new() { Value = session });
        command.Parameters.Add(new() { Value = self.Boot });
        command.Parameters.Add(new() { Value = lease });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>Who holds the channel: session → member, <paramref name="limit"/> at most.</summary>
    public Task<Dictionary<string, ChannelMember>> MembersAsync(string channel, int limit, CancellationToken cancellation) => database.RunAsync("members", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select id, user_id, name from sessions where channels @> array[$1] limit $2", connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = limit });
        await command.PrepareAsync(token);
        var members = new Dictionary<string, ChannelMember>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            members[reader.GetString(0)] = new ChannelMember(reader.GetString(1), reader.GetString(2));
        return members;
    }, cancellation);

    static NpgsqlParameter Texts(IReadOnlyList<string> texts) => new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    static async Task<List<SessionRow>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        var rows = new List<SessionRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new SessionRow(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), reader.GetFieldValue<string[]>(4),
                JsonSerializer.Deserialize<List<SessionRoom>>(reader.GetString(5), ContractsJson.Options) ?? []));
        }
        return rows;
    }
}
