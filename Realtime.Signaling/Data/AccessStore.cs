using System.Text.Json;
using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Data;

/// <summary>What Postgres says about who may what in a channel.</summary>
public sealed class AccessStore(Database database)
{
    /// <summary>Rows about people read with a channel; of channels with more each user is read when asked for.</summary>
    public const int MaxRoster = 256;

    const string Roster = """
        select user_id, role as what, null::timestamptz as until from channel_members where channel = $1
        union all
        select user_id, kind, until from channel_restrictions where channel = $1 and (until is null or until > now())
        """;

    /// <summary>The channel and everybody about whom something is stored, in one read.</summary>
    public Task<ChannelPolicy> PolicyAsync(string channel, CancellationToken cancellation) => database.RunAsync("accessPolicy", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"select c.kind, c.deleted_at is not null, r.* from channels c left join lateral ({Roster} limit $2) r on true where c.name = $1", connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = MaxRoster + 1 });
        await command.PrepareAsync(token);
        await using var reader = await command.ExecuteReaderAsync(token);
        if (!await reader.ReadAsync(token))
            return ChannelPolicy.Unknown;
        // A kind that a newer version brought is closed to everybody.
        var kind = ChannelNames.TryReadKind(reader.GetString(0), out var known) ? known : ChannelKind.Direct;
        var deleted = reader.GetBoolean(1);
        var standings = new Dictionary<string, Standing>(StringComparer.Ordinal);
        var rows = 0;
        do
        {
            if (reader.IsDBNull(2))
                break;
            rows++;
            var user = reader.GetString(2);
            standings[user] = With(standings.GetValueOrDefault(user), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4));
        }
        while (await reader.ReadAsync(token));
        return rows > MaxRoster ? new ChannelPolicy(kind, deleted, new Dictionary<string, Standing>(), Complete: false) : new ChannelPolicy(kind, deleted, standings);
    }, cancellation);

    /// <summary>One user in a channel whose roster is too long to be read as a whole.</summary>
    public Task<Standing> StandingAsync(string channel, string user, CancellationToken cancellation) => database.RunAsync("accessStanding", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"select what, until from ({Roster}) r where user_id = $2", connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = user });
        await command.PrepareAsync(token);
        var standing = default(Standing);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            standing = With(standing, reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
        return standing;
    }, cancellation);

    /// <summary>Who was kicked has joined again.</summary>
    public Task ForgetRemovalAsync(string channel, string user, CancellationToken cancellation) => database.RunAsync("accessRejoin", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with rejoined as (delete from channel_restrictions where channel = $1 and user_id = $2 and kind = 'kick' returning channel)
            insert into outbox (kind, key, payload) select 'access', channel, $3 from rejoined
            """, connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(new AccessNews(AccessNews.Members, user), ContractsJson.Options) });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    static Standing With(Standing standing, string what, DateTimeOffset? until) => what switch
    {
        "ban" => standing with { BannedUntil = until ?? DateTimeOffset.MaxValue },
        "timeOut" => standing with { TimedOutUntil = until ?? DateTimeOffset.MaxValue },
        "kick" => standing with { Removed = true },
        _ => ChannelNames.TryReadRole(what, out var role) ? standing with { Role = role } : standing,
    };
}
