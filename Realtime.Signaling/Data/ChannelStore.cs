using System.Globalization;
using System.Text.Json;
using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Data;

/// <summary>Channels in Postgres: list, make, change, delete. Each change, its record in the audit log and its news are one statement.</summary>
public sealed class ChannelStore(Database database)
{
    static readonly string News = JsonSerializer.Serialize(new AccessNews(AccessNews.Channel), ContractsJson.Options);

    const string Columns = """
        c.name, c.kind, c.epoch, c.seq, c.created_at, c.topic, c.metadata, c.retention,
        (select o.user_id from channel_members o where o.channel = c.name and o.role = 'owner' order by o.added_at, o.user_id limit 1),
        (select m.role from channel_members m where m.channel = c.name and m.user_id = $1)
        """;

    /// <summary>Channels by name, after <paramref name="after"/>, of those the patterns name; private ones only where the user is a member.</summary>
    /// <param name="everything">An operator's view: all but direct ones.</param>
    public Task<List<ChannelInfo>> ListAsync(string user, IReadOnlyList<string> patterns, bool everything, string? after, int limit, CancellationToken cancellation) =>
        database.RunAsync("channels", async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(
                $"""
                select {Columns} from channels c
                where c.name > coalesce($2, '') and c.deleted_at is null and c.kind <> 'direct'
                    and ($3 or ((c.name = any($4) or exists (select from unnest($5) p where starts_with(c.name, p)))
                        and (c.kind = 'public' or exists (select from channel_members m where m.channel = c.name and m.user_id = $1))
                        and not exists (select from channel_restrictions r where r.channel = c.name and r.user_id = $1 and r.kind = 'ban' and (r.until is null or r.until > now()))))
                order by c.name limit $6
                """, connection);
            command.Parameters.Add(new() { Value = user });
            command.Parameters.Add(SqlText.Of(after));
            command.Parameters.Add(new() { Value = everything });
            command.Parameters.Add(SqlText.Many(patterns.Where(static pattern => !pattern.EndsWith('*'))));
            command.Parameters.Add(SqlText.Many(patterns.Where(static pattern => pattern.EndsWith('*')).Select(static pattern => pattern[..^1])));
            command.Parameters.Add(new() { Value = limit });
            return await ReadAsync(command, token);
        }, cancellation);

    public Task<ChannelInfo?> FindAsync(string channel, string user, CancellationToken cancellation) => database.RunAsync("channel", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"select {Columns} from channels c where c.name = $2 and c.deleted_at is null", connection);
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = channel });
        return (await ReadAsync(command, token)).FirstOrDefault();
    }, cancellation);

    /// <summary>False: it is there already, or what was deleted is not all gone yet.</summary>
    public Task<bool> CreateAsync(CreateChannelRequest request, string owner, TimeSpan? retention, CancellationToken cancellation) => database.RunAsync("channelCreate", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with made as (
                insert into channels as c (name, kind, topic, metadata, retention) values ($1, $2, $3, $4::json, $5)
                on conflict (name) do update set kind = excluded.kind, topic = excluded.topic, metadata = excluded.metadata, retention = excluded.retention, deleted_at = null
                where c.deleted_at is not null and not exists (select from messages m where m.channel = c.name)
                returning name),
            added as (
                insert into channel_members (channel, user_id, role, added_by)
                select made.name, u.id, case when u.id = $6 then 'owner' else 'member' end, $6 from made, (select $6::text union select unnest($7::text[])) u (id)),
            news as (insert into outbox (kind, key, payload) select 'access', name, $8 from made)
            select audit_append($6, 'channelCreated', name, null, null, json_build_object('kind', $2::text)::text) from made
            """, connection);
        command.Parameters.Add(new() { Value = request.Channel! });
        command.Parameters.Add(new() { Value = request.Kind ?? "public" });
        command.Parameters.Add(SqlText.Of(string.IsNullOrEmpty(request.Topic) ? null : request.Topic));
        command.Parameters.Add(SqlText.Of(request.Metadata is { ValueKind: JsonValueKind.Object } metadata ? metadata.GetRawText() : null));
        command.Parameters.Add(Interval(retention));
        command.Parameters.Add(new() { Value = owner });
        command.Parameters.Add(SqlText.Many(request.Members ?? []));
        command.Parameters.Add(new() { Value = News });
        return await command.ExecuteScalarAsync(token) is not null;
    }, cancellation);

    /// <summary>False: there is no such channel.</summary>
    public Task<bool> ChangeAsync(string channel, ChangeChannelRequest request, TimeSpan? retention, string actor, CancellationToken cancellation) =>
        database.RunAsync("channelChange", async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(
                """
                with changed as (
                    update channels set
                        kind = coalesce($2, kind), topic = case when $3::text is null then topic when $3 = '' then null else $3 end,
                        metadata = case when $4::text is null then metadata when $4 = 'null' then null else $4::json end,
                        retention = case when $5::interval is null then retention when $5 = interval '0' then null else $5 end
                    where name = $1 and deleted_at is null and kind <> 'direct' returning name),
                news as (insert into outbox (kind, key, payload) select 'access', name, $7 from changed)
                select audit_append($6, 'channelChanged', name, null, null, $8) from changed
                """, connection);
            command.Parameters.Add(new() { Value = channel });
            command.Parameters.Add(SqlText.Of(request.Kind));
            command.Parameters.Add(SqlText.Of(request.Topic));
            command.Parameters.Add(SqlText.Of(request.Metadata?.GetRawText()));
            command.Parameters.Add(Interval(retention));
            command.Parameters.Add(new() { Value = actor });
            command.Parameters.Add(new() { Value = News });
            command.Parameters.Add(SqlText.Of(JsonSerializer.Serialize(new { request.Kind, request.Retention }, ContractsJson.Options)));
            return await command.ExecuteScalarAsync(token) is not null;
        }, cancellation);

    /// <summary>Nobody reads or writes it from here on; its messages are removed bit by bit afterwards. False: there is no such channel.</summary>
    public Task<bool> DeleteAsync(string channel, string actor, CancellationToken cancellation) => database.RunAsync("channelDelete", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with gone as (
                update channels set deleted_at = now(), topic = null, metadata = null where name = $1 and deleted_at is null and kind <> 'direct' returning name),
            members as (delete from channel_members m using gone where m.channel = gone.name),
            restrictions as (delete from channel_restrictions r using gone where r.channel = gone.name),
            left_by as (update sessions s set channels = array_remove(s.channels, gone.name) from gone where s.channels @> array[gone.name]),
            news as (insert into outbox (kind, key, payload) select 'access', name, $3 from gone),
            list as (insert into outbox (kind, key) select 'members', name from gone)
            select audit_append($2, 'channelDeleted', name, null, null, null) from gone
            """, connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = actor });
        command.Parameters.Add(new() { Value = News });
        return await command.ExecuteScalarAsync(token) is not null;
    }, cancellation);

    static NpgsqlParameter Interval(TimeSpan? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Interval };

    static async Task<List<ChannelInfo>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        var channels = new List<ChannelInfo>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            channels.Add(new ChannelInfo(
                reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetFieldValue<DateTimeOffset>(4), Text(5),
                Text(6) is { } metadata ? JsonSerializer.Deserialize<JsonElement>(metadata) : null, Text(8),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<TimeSpan>(7).ToString("c", CultureInfo.InvariantCulture), Text(9)));
        }
        return channels;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
