using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Realtime.Contracts;
using Realtime.Signaling.Presence;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Data;

/// <summary>
/// Sessions in Postgres: what lets a client resume on any replica, and what ends a session whose replica died. Every change that members of a channel should hear of
/// writes its outbox entry in the same statement. Writes carry the generation: a replica that lost the session to another one changes nothing.
/// </summary>
public sealed partial class SessionStore(Database database, ReplicaIdentity self)
{
    const string Columns = "id, user_id, name, generation, channels, rooms, status, status_since, activity, presence_version";

    const string PresenceNews = $"insert into outbox (kind, key, number, payload) select '{OutboxKind.Presence}', id, generation,";

    const string News = "insert into outbox (kind, key) select distinct 'members', c from ";

    /// <summary>Writes the session as this replica knows it; an older generation in the table is overwritten, a newer one wins.</summary>
    public Task SaveAsync(SessionRow session, CancellationToken cancellation) => database.RunAsync("sessionSave", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with saved as (
                insert into sessions as s (id, user_id, name, replica, boot, generation, channels, rooms, status, status_since, activity, presence_version)
                values ($1, $2, $3, $4, $5, $6, $7, $8::json, $9, $10, $11::json, $12)
                on conflict (id) do update set replica = excluded.replica, boot = excluded.boot, generation = excluded.generation, channels = excluded.channels,
                    rooms = excluded.rooms, status = excluded.status, status_since = excluded.status_since, activity = excluded.activity,
                    presence_version = excluded.presence_version, lease_ends = null, ending_since = null
                where s.user_id = excluded.user_id and s.generation <= excluded.generation
                returning id, generation, channels),
            presence as ({PresenceNews} $13 from saved)
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
        AddStatus(command, session.Status);
        command.Parameters.Add(new() { Value = EntryOf(session) });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>Writes what a device says of its user.</summary>
    public Task SetStatusAsync(SessionRow session, CancellationToken cancellation) => database.RunAsync("sessionStatus", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with changed as (
                update sessions set status = $3, status_since = $4, activity = $5::json, presence_version = $6
                where id = $1 and generation = $2 and presence_version < $6 returning id, generation)
            {PresenceNews} $7 from changed
            """, connection);
        command.Parameters.Add(new() { Value = session.Id });
        command.Parameters.Add(new() { Value = session.Generation });
        AddStatus(command, session.Status);
        command.Parameters.Add(new() { Value = EntryOf(session) });
        await command.ExecuteNonQueryAsync(token);
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

    /// <summary>
    /// The last step of a session's end: the row goes, and with it whatever it says to others; each is counted by who deletes it. Sessions that have a higher generation by
    /// now belong to somebody else and stay.
    /// </summary>
    /// <returns>The ids of those that were there.</returns>
    public Task<HashSet<string>> EndAsync(IReadOnlyList<SessionEnding> sessions, CancellationToken cancellation) => database.RunAsync("sessionEnd", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with ended as (
                delete from sessions s using unnest($1::text[], $2::bigint[], $3::text[]) as e (id, generation, reason) where s.id = e.id and s.generation <= e.generation
                returning s.id, e.generation, s.channels, s.created_at, e.reason),
            presence as ({PresenceNews} null from ended),
            news as ({News} ended, unnest(ended.channels) c),
            counted as (
                insert into session_days as d (day, replica, reason, sessions, seconds)
                select current_date, $4, reason, count(*), sum(extract(epoch from now() - created_at))::bigint from ended group by reason
                on conflict (day, replica, reason) do update set sessions = d.sessions + excluded.sessions, seconds = d.seconds + excluded.seconds)
            select id from ended
            """, connection);
        command.Parameters.Add(Texts([.. sessions.Select(static one => one.Id)]));
        command.Parameters.Add(new() { Value = sessions.Select(static one => one.Generation).ToArray() });
        command.Parameters.Add(Texts([.. sessions.Select(static one => one.Reason)]));
        command.Parameters.Add(new() { Value = self.Name });
        return await ReadIdsAsync(command, token);
    }, cancellation);

    /// <summary>
    /// Takes charge of sessions that are due: leases that ran out, sessions whose replica has not been heard of for <paramref name="deadAfter"/> (its death unnoticed, and the
    /// lease), and those that somebody began to end <paramref name="deadAfter"/> ago. The row stays until every step is done, so if this replica dies meanwhile, another one
    /// does them again. Of several replicas exactly one gets each session.
    /// </summary>
    public Task<List<SessionRow>> ClaimDueAsync(TimeSpan deadAfter, int limit, CancellationToken cancellation) => database.RunAsync("sessionsDue", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with due as (
                select s.id as due_id from sessions s left join replicas r on r.boot = s.boot
                where s.lease_ends < now() or s.ending_since < now() - $2
                    or (s.lease_ends is null and s.boot <> $1 and coalesce(r.heartbeat_at, s.created_at) < now() - $2)
                limit $3 for update of s skip locked)
            update sessions set boot = $1, replica = $4, generation = generation + 1, lease_ends = null, ending_since = now() from due where id = due_id
            returning {Columns}
            """, connection);
        command.Parameters.Add(new() { Value = self.Boot });
        command.Parameters.Add(new() { Value = deadAfter });
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = self.Name });
        return await ReadAsync(command, token);
    }, cancellation);

    /// <summary>The presence of all sessions, a page by session id.</summary>
    public Task<List<PresenceEntry>> PresenceAsync(string after, int limit, CancellationToken cancellation) => database.RunAsync("presence", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"select {Columns}, boot from sessions where id > $1 and ending_since is null order by id limit $2", connection);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        var entries = new List<PresenceEntry>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            entries.Add(ReadStatus(reader).ToEntry(reader.GetString(0), reader.GetString(1), reader.GetString(10), reader.GetInt64(3)));
        return entries;
    }, cancellation);

    /// <summary>The sessions that the table says are held here, and their generations.</summary>
    public Task<Dictionary<string, long>> HeldAsync(CancellationToken cancellation) => database.RunAsync("sessionsHeld", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select id, generation from sessions where boot = $1 and lease_ends is null and ending_since is null", connection);
        command.Parameters.Add(new() { Value = self.Boot });
        return await ReadGenerationsAsync(command, token);
    }, cancellation);

    /// <summary>Of the given sessions those that live replicas other than this one hold, and their generations.</summary>
    public Task<Dictionary<string, long>> TakenAsync(IReadOnlyList<string> sessions, CancellationToken cancellation) => database.RunAsync("sessionsTaken", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select s.id, s.generation from sessions s join replicas r on r.boot = s.boot
            where s.id = any($1) and s.boot <> $2 and s.ending_since is null and r.heartbeat_at > now() - $3::interval
            """, connection);
        command.Parameters.Add(Texts(sessions));
        command.Parameters.Add(new() { Value = self.Boot });
        command.Parameters.Add(new() { Value = ReplicaStore.DeadAfter });
        return await ReadGenerationsAsync(command, token);
    }, cancellation);

    /// <summary>Leases a session that the table says is held here, but that is not.</summary>
    public Task ReleaseStrayAsync(string session, long generation, TimeSpan lease, CancellationToken cancellation) => database.RunAsync("sessionStray", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("update sessions set lease_ends = now() + $3 where id = $1 and boot = $2 and generation = $4 and lease_ends is null", connection);
        command.Parameters.Add(new() { Value = session });
        command.Parameters.Add(new() { Value = self.Boot });
        command.Parameters.Add(new() { Value = lease });
        command.Parameters.Add(new() { Value = generation });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>Who holds the channel: session → member, <paramref name="limit"/> at most.</summary>
    public Task<Dictionary<string, ChannelMember>> MembersAsync(string channel, int limit, CancellationToken cancellation) => database.RunAsync("members", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select id, user_id, name from sessions where channels @> array[$1] and ending_since is null limit $2", connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = limit });
        await command.PrepareAsync(token);
        var members = new Dictionary<string, ChannelMember>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            members[reader.GetString(0)] = new ChannelMember(reader.GetString(1), reader.GetString(2));
        return members;
    }, cancellation);

    /// <summary>What the outbox says of the session's presence; nothing when it has ended.</summary>
    string EntryOf(SessionRow session) => JsonSerializer.Serialize(session.Status.ToEntry(session.Id, session.User, self.Boot, session.Generation), ContractsJson.Options);

    static void AddStatus(NpgsqlCommand command, DeviceStatus status)
    {
        command.Parameters.Add(new() { Value = status.Status });
        command.Parameters.Add(new() { Value = status.Since.UtcDateTime });
        command.Parameters.Add(new() { Value = status.Activity is null ? DBNull.Value : JsonSerializer.Serialize(status.Activity, ContractsJson.Options), NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = status.Version });
    }

    static DeviceStatus ReadStatus(NpgsqlDataReader reader) => new(
        reader.GetString(6), reader.GetFieldValue<DateTimeOffset>(7), reader.IsDBNull(8) ? null : JsonSerializer.Deserialize<UserActivity>(reader.GetString(8), ContractsJson.Options), reader.GetInt64(9));

    static async Task<HashSet<string>> ReadIdsAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            ids.Add(reader.GetString(0));
        return ids;
    }

    static async Task<Dictionary<string, long>> ReadGenerationsAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        var generations = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            generations[reader.GetString(0)] = reader.GetInt64(1);
        return generations;
    }

    static NpgsqlParameter Texts(IReadOnlyList<string> texts) => new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    static async Task<List<SessionRow>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        var rows = new List<SessionRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new SessionRow(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), reader.GetFieldValue<string[]>(4),
                JsonSerializer.Deserialize<List<SessionRoom>>(reader.GetString(5), ContractsJson.Options) ?? [], ReadStatus(reader)));
        }
        return rows;
    }
}
