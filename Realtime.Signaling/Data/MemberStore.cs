using System.Text.Json;
using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Data;

/// <summary>What came of a change of a role.</summary>
public enum MemberOutcome
{
    Done,
    /// <summary>Somebody's role is another by now: decide again.</summary>
    Conflict,
    /// <summary>The channel would be left without an owner.</summary>
    LastOwner,
    Full,
}

/// <summary>Members and their roles in Postgres. Each change, its record in the audit log and its news are one statement.</summary>
public sealed class MemberStore(Database database)
{
    public Task<List<ChannelMemberInfo>> ListAsync(string channel, string? after, int limit, CancellationToken cancellation) => database.RunAsync("channelMembers", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            "select user_id, role, added_by, added_at from channel_members where channel = $1 and user_id > coalesce($2, '') order by user_id limit $3", connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(SqlText.Of(after));
        command.Parameters.Add(new() { Value = limit });
        var members = new List<ChannelMemberInfo>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            members.Add(new ChannelMemberInfo(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3)));
        return members;
    }, cancellation);

    /// <param name="actorRole">The stored role on which the caller decided; likewise <paramref name="before"/> of the user.</param>
    /// <param name="next"><see cref="ChannelRole.None"/>: removed.</param>
    public Task<MemberOutcome> SetAsync(string channel, string actor, ChannelRole actorRole, string user, ChannelRole before, ChannelRole next, CancellationToken cancellation) =>
        database.RunAsync("memberSet", async (connection, token) =>
        {
            await using var command = new NpgsqlCommand("select set_member($1, $2, $3, $4, $5, $6, $7, $8)", connection);
            command.Parameters.Add(new() { Value = channel });
            command.Parameters.Add(new() { Value = actor });
            command.Parameters.Add(SqlText.Of(actorRole.Name()));
            command.Parameters.Add(new() { Value = user });
            command.Parameters.Add(SqlText.Of(before.Name()));
            command.Parameters.Add(SqlText.Of(next.Name()));
            command.Parameters.Add(new() { Value = ChannelRules.MaxMembers });
            command.Parameters.Add(new() { Value = JsonSerializer.Serialize(new AccessNews(AccessNews.Members, user), ContractsJson.Options) });
            return Enum.Parse<MemberOutcome>((string)(await command.ExecuteScalarAsync(token))!, ignoreCase: true);
        }, cancellation);
}
