using Npgsql;
using Realtime.Contracts;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos.Kills;

/// <summary>Where people who are gone can still be seen: by each replica's REST, and in Postgres.</summary>
sealed class Traces(RunningApp app)
{
    /// <summary>What is left of them, in words; empty: nothing.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(Cohort cohort, CancellationToken cancellation)
    {
        var found = new List<string>();
        foreach (var replica in app.Signaling)
        {
            try
            {
                await LookAsync(cohort, replica, found, cancellation);
            }
            catch (Exception away) when (away is HttpRequestException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                found.Add($"{replica.Port} does not answer: {away.Message}");
            }
        }
        try
        {
            await using var connection = new NpgsqlConnection($"{app.PostgresConnection};Pooling=false;Timeout=5;Command Timeout=5");
            await connection.OpenAsync(cancellation);
            await using var command = new NpgsqlCommand("select count(*) from sessions where user_id = any($1)", connection);
            command.Parameters.Add(new() { Value = cohort.Gone.ToArray() });
            if (await command.ExecuteScalarAsync(cancellation) is long and > 0 and var rows)
                found.Add($"{rows} rows of sessions");
        }
        catch (NpgsqlException away)
        {
            found.Add($"Postgres does not answer: {away.Message}");
        }
        return found;
    }

    async Task LookAsync(Cohort cohort, Uri replica, List<string> found, CancellationToken cancellation)
    {
        var here = await app.GetAsync<List<PresenceEvent>>(replica, $"/api/channels/{cohort.Channel}/presence", cancellation);
        found.AddRange(cohort.Gone.Where(user => here.Any(one => one.User == user)).Select(user => $"{user} in {cohort.Channel} at {replica.Port}"));
        if (!here.Any(one => one.User == cohort.Stays.Name && one.Status != PresenceStatus.Offline))
            found.Add($"{cohort.Stays.Name} is not seen in {cohort.Channel} at {replica.Port}");
        foreach (var user in cohort.Gone)
        {
            if ((await app.GetAsync<PresenceEvent>(replica, $"/api/users/{user}/presence", cancellation)).Status is not PresenceStatus.Offline and var status)
                found.Add($"{user} is {status} at {replica.Port}");
        }
        var voices = await app.GetAsync<List<RoomParticipantInfo>>(replica, $"/api/rooms/{cohort.Room}/participants", cancellation);
        found.AddRange(cohort.Gone.Where(user => voices.Any(one => one.User == user)).Select(user => $"{user} in the call at {replica.Port}"));
    }

    /// <summary>Whether a room that everybody has left is still listed.</summary>
    public async Task<bool> HasRoomAsync(string room, CancellationToken cancellation)
    {
        foreach (var replica in app.Signaling)
        {
            if ((await app.GetAsync<List<RoomInfo>>(replica, "/api/rooms", cancellation)).Any(one => one.Room == room))
                return true;
        }
        return false;
    }
}
