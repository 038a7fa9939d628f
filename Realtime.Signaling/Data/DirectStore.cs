using System.Text.Json;
using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Data;

/// <summary>A direct channel and a place in it.</summary>
public sealed record DirectPlace(string Channel, long Epoch, long Head, long Seen);

/// <summary>Direct channels in Postgres: rows of <c>channels</c> of kind direct, whose members never change.</summary>
public sealed class DirectStore(Database database)
{
    /// <summary>Direct channels that a session goes on with.</summary>
    public const int MaxActive = 100;

    /// <summary>Users asked for by one statement, and callers that wait for it: who comes back asks, and thousands may come back at once.</summary>
    const int AskedAtOnce = 100, WaitForAsking = 20_000;

    readonly Gathered<(string User, DateTimeOffset Since), List<DirectPlace>> _active = new(asked => ActiveAsync(database, asked), AskedAtOnce, WaitForAsking);

    const string LastMessage = "(select m.created_at from messages m where m.channel = c.name order by m.seq desc limit 1)";

    /// <summary>Makes the channel unless it is there.</summary>
    public Task EnsureAsync(string channel, IReadOnlyCollection<string> members, string by, CancellationToken cancellation) => database.RunAsync("directEnsure", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with made as (
                insert into channels as c (name, kind) values ($1, 'direct') on conflict (name) do update set kind = 'direct' where c.kind <> 'direct' returning name),
            added as (insert into channel_members (channel, user_id, role, added_by) select made.name, u, 'member', $3 from made, unnest($2) u on conflict do nothing)
            insert into outbox (kind, key, payload) select 'access', name, $4 from made
            """, connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(SqlText.Many(members));
        command.Parameters.Add(new() { Value = by });
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(new AccessNews(AccessNews.Channel), ContractsJson.Options) });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>The user's direct channels in which something was written since, the latest first, at most <see cref="MaxActive"/>; <see cref="DirectPlace.Seen"/> is the last event before that.</summary>
    public Task<List<DirectPlace>> ActiveAsync(string user, DateTimeOffset since, CancellationToken cancellation) => _active.AskAsync((user, since)).WaitAsync(cancellation);

    static async Task<IReadOnlyList<List<DirectPlace>>> ActiveAsync(Database database, IReadOnlyList<(string User, DateTimeOffset Since)> asked)
    {
        var active = asked.Select(static _ => new List<DirectPlace>()).ToList();
        await database.RunAsync("directsActive", async (connection, token) =>
        {
            await using var command = new NpgsqlCommand(
                $"""
                select p.name, p.epoch, p.seq, coalesce((select m.seq from messages m where m.channel = p.name and m.created_at < q.since order by m.seq desc limit 1), 0), q.number
                from unnest($1::text[], $2::timestamptz[]) with ordinality as q (user_id, since, number) cross join lateral (
                    select a.* from (
                        select c.name, c.epoch, c.seq, {LastMessage} as last_at from channel_members d join channels c on c.name = d.channel and c.kind = 'direct' where d.user_id = q.user_id) a
                    where a.last_at >= q.since order by a.last_at desc limit {MaxActive}) p
                order by q.number, p.last_at desc
                """, connection);
            command.Parameters.Add(SqlText.Many(asked.Select(static one => one.User)));
            command.Parameters.Add(new() { Value = asked.Select(static one => one.Since.UtcDateTime).ToArray() });
            await command.PrepareAsync(token);
            await using var reader = await command.ExecuteReaderAsync(token);
            while (await reader.ReadAsync(token))
                active[(int)reader.GetInt64(4) - 1].Add(ReadPlace(reader));
        }, CancellationToken.None);
        return active;
    }

    /// <summary>Where these direct channels stand; <see cref="DirectPlace.Seen"/> is the last event before <paramref name="since"/>.</summary>
    public Task<List<DirectPlace>> PlacesAsync(IEnumerable<string> channels, DateTimeOffset since, CancellationToken cancellation) => database.RunAsync("directPlaces", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select c.name, c.epoch, c.seq, coalesce((select m.seq from messages m where m.channel = c.name and m.created_at < $2 order by m.seq desc limit 1), 0)
            from channels c where c.name = any($1) and c.kind = 'direct'
            """, connection);
        command.Parameters.Add(SqlText.Many(channels));
        command.Parameters.Add(SqlText.Time(since));
        await command.PrepareAsync(token);
        return await ReadPlacesAsync(command, token);
    }, cancellation);

    /// <summary>The user's direct channels, the latest activity first; after the channel <paramref name="after"/> in that order.</summary>
    public Task<List<DirectInfo>> ListAsync(string user, string? after, int limit, CancellationToken cancellation) => database.RunAsync("directs", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with mine as (
                select c.name, c.epoch, c.seq, coalesce({LastMessage}, c.created_at) as active_at
                from channel_members d join channels c on c.name = d.channel and c.kind = 'direct' where d.user_id = $1)
            select name, epoch, seq, active_at, (select array_agg(o.user_id order by o.user_id) from channel_members o where o.channel = name)
            from mine where $2::text is null or (active_at, name) < (select x.active_at, x.name from mine x where x.name = $2)
            order by active_at desc, name desc limit $3
            """, connection);
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(SqlText.Of(after));
        command.Parameters.Add(new() { Value = limit });
        var directs = new List<DirectInfo>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            directs.Add(new DirectInfo(reader.GetString(0), reader.GetFieldValue<string[]>(4), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3)));
        return directs;
    }, cancellation);

    static async Task<List<DirectPlace>> ReadPlacesAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        var places = new List<DirectPlace>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            places.Add(ReadPlace(reader));
        return places;
    }

    static DirectPlace ReadPlace(NpgsqlDataReader reader) => new(reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
}
