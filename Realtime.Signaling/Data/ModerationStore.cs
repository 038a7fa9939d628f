using System.Text.Json;
using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Data;

/// <summary>What came of a moderation.</summary>
public enum ModerationOutcome
{
    Done,
    /// <summary>There is nothing to lift.</summary>
    Nothing,
    /// <summary>Somebody's role is another by now: decide again.</summary>
    Conflict,
}

/// <param name="News">Where its news stand in the outbox; default unless done.</param>
public readonly record struct Moderated(ModerationOutcome Outcome, OutboxCursor News);

/// <summary>Restrictions in Postgres. Each change, its record in the audit log and its news are one statement.</summary>
public sealed class ModerationStore(Database database)
{
    /// <param name="actorRole">The stored role on which the caller decided; likewise <paramref name="targetRole"/>.</param>
    public Task<Moderated> ActAsync(string channel, string actor, ChannelRole actorRole, ChannelRole targetRole, AccessNews news, CancellationToken cancellation) =>
        database.RunAsync("moderate", async (connection, token) =>
        {
            await using var command = new NpgsqlCommand("select outcome, news_txid, news_id from moderate($1, $2, $3, $4, $5, $6, $7, $8, $9)", connection);
            command.Parameters.Add(new() { Value = channel });
            command.Parameters.Add(new() { Value = actor });
            command.Parameters.Add(SqlText.Of(actorRole.Name()));
            command.Parameters.Add(SqlText.Of(news.User));
            command.Parameters.Add(SqlText.Of(targetRole.Name()));
            command.Parameters.Add(new() { Value = news.Action });
            command.Parameters.Add(SqlText.Of(news.Reason));
            command.Parameters.Add(SqlText.Time(news.Until));
            command.Parameters.Add(new() { Value = JsonSerializer.Serialize(news, ContractsJson.Options) });
            await using var reader = await command.ExecuteReaderAsync(token);
            await reader.ReadAsync(token);
            return reader.GetString(0) switch
            {
                "done" => new Moderated(ModerationOutcome.Done, new OutboxCursor(ulong.Parse(reader.GetString(1)), reader.GetInt64(2))),
                "nothing" => new Moderated(ModerationOutcome.Nothing, default),
                _ => new Moderated(ModerationOutcome.Conflict, default),
            };
        }, cancellation);

    /// <summary>Bans and time-outs in force in all channels, the newest first.</summary>
    /// <param name="search">A user, a channel or a moderator; null: all.</param>
    public Task<List<RestrictionInfo>> SearchAsync(string? search, int skip, int limit, CancellationToken cancellation) => database.RunAsync("restrictionsAll", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select channel, user_id, kind, by_user, at, reason, until from channel_restrictions
            where kind in ('ban', 'timeOut') and (until is null or until > now()) and ($1::text is null or user_id = $1 or channel = $1 or by_user = $1)
            order by at desc, channel, user_id offset $2 limit $3
            """, connection);
        command.Parameters.Add(SqlText.Of(search));
        command.Parameters.Add(new() { Value = skip });
        command.Parameters.Add(new() { Value = limit });
        var restrictions = new List<RestrictionInfo>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            restrictions.Add(new RestrictionInfo(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4), reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6)));
        }
        return restrictions;
    }, cancellation);

    /// <summary>Bans and time-outs in force, by user and kind, after <paramref name="after"/> (a <see cref="RestrictionInfo.Key"/>).</summary>
    public Task<List<RestrictionInfo>> ListAsync(string channel, string? after, int limit, CancellationToken cancellation) => database.RunAsync("restrictions", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select user_id, kind, by_user, at, reason, until from channel_restrictions
            where channel = $1 and kind in ('ban', 'timeOut') and (until is null or until > now()) and user_id || ' ' || kind > coalesce($2, '') order by user_id || ' ' || kind limit $3
            """, connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(SqlText.Of(after));
        command.Parameters.Add(new() { Value = limit });
        var restrictions = new List<RestrictionInfo>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            restrictions.Add(new RestrictionInfo(
                channel, reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5)));
        }
        return restrictions;
    }, cancellation);
}
