using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>What came of a step between two people, as the one sees it who took it.</summary>
/// <param name="State">One of <see cref="FriendState"/>.</param>
/// <param name="Name">Of the other.</param>
/// <param name="Changed">False: it was so already, or was refused.</param>
/// <param name="Refused">Why, as <c>change_friendship</c> names it.</param>
public sealed record FriendChange(string State, string Name, DateTimeOffset Since, bool Changed, string? Refused);

/// <summary>Friendships in Postgres: one row for two people.</summary>
public sealed class FriendStore(Database database)
{
    public const int MaxFriends = 1000;

    /// <summary>Requests that one has open.</summary>
    public const int MaxRequests = 100;

    /// <summary>People who ask the same one: more than others' bound, so that a few cannot keep everybody else away.</summary>
    public const int MaxAsking = 1000;

    const string Mine = "friendships f where f.low = $1 or f.high = $1";

    /// <summary>Takes a step (<c>request</c>, <c>accept</c>, <c>decline</c>, <c>remove</c>) and writes the events for both, all in one statement.</summary>
    /// <param name="eventId">The events' ids are this and <c>-1</c> for the user, <c>-2</c> for the other.</param>
    /// <param name="since">Whole milliseconds: what the events say is then what is stored.</param>
    public Task<FriendChange> ChangeAsync(string step, string eventId, string user, string name, string other, DateTimeOffset since, CancellationToken cancellation) =>
        database.RunAsync("friendChange", async (connection, token) =>
        {
            await using var command = new NpgsqlCommand("select state, name, since, changed, refused from change_friendship($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", connection);
            object[] values =
            [
                step, eventId, user, name, other, since.UtcDateTime, since.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture), MaxFriends, MaxRequests, MaxAsking,
            ];
            foreach (var value in values)
                command.Parameters.Add(new() { Value = value });
            await using var reader = await command.ExecuteReaderAsync(token);
            await reader.ReadAsync(token);
            return new FriendChange(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetBoolean(3), reader.IsDBNull(4) ? null : reader.GetString(4));
        }, cancellation);

    /// <summary>Friends and open requests, by the other's id.</summary>
    public Task<List<Friend>> ListAsync(string user, string after, int limit, CancellationToken cancellation) => database.RunAsync("friends", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            select other, name, state, since from (
                select case when f.low = $1 then f.high else f.low end as other, case when f.low = $1 then f.high_name else f.low_name end as name, f.since,
                    case when f.friends then '{FriendState.Friends}' when f.asked_by = $1 then '{FriendState.Requested}' else '{FriendState.Incoming}' end as state
                from {Mine}) mine
            where other > $2 order by other limit $3
            """, connection);
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        var friends = new List<Friend>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            friends.Add(new Friend(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3)));
        return friends;
    }, cancellation);

    public Task<int> CountAsync(string user, CancellationToken cancellation) => database.RunAsync("friendCount", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"select count(*) filter (where f.friends) from {Mine}", connection);
        command.Parameters.Add(new() { Value = user });
        return (int)(long)(await command.ExecuteScalarAsync(token))!;
    }, cancellation);

    /// <summary>The friends of each of some users; who has none is there too.</summary>
    public Task<Dictionary<string, HashSet<string>>> FriendsOfAsync(IReadOnlyCollection<string> users, CancellationToken cancellation) => database.RunAsync("friendsOf", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select f.low, f.high from friendships f where f.friends and f.low = any($1)
            union all select f.high, f.low from friendships f where f.friends and f.high = any($1)
            """, connection);
        command.Parameters.Add(new() { Value = users.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        var friends = users.ToDictionary(static user => user, static _ => new HashSet<string>(StringComparer.Ordinal), StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            friends[reader.GetString(0)].Add(reader.GetString(1));
        return friends;
    }, cancellation);

    /// <summary>Whether one may see another's presence: friends, and who is in a channel with them right now.</summary>
    public Task<bool> MaySeeAsync(string viewer, string user, CancellationToken cancellation) => database.RunAsync("friendSee", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select exists (select from friendships f where f.friends and f.low = least($1 collate "C", $2 collate "C") and f.high = greatest($1 collate "C", $2 collate "C"))
                or exists (select from sessions mine join sessions theirs on mine.channels && theirs.channels where mine.user_id = $1 and theirs.user_id = $2)
            """, connection);
        command.Parameters.Add(new() { Value = viewer });
        command.Parameters.Add(new() { Value = user });
        return (bool)(await command.ExecuteScalarAsync(token))!;
    }, cancellation);
}
