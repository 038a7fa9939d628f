using Npgsql;

namespace Realtime.Signaling.Data;

/// <summary>Sessions that come back. After the death of a replica that is thousands within seconds.</summary>
public sealed partial class SessionStore
{
    /// <summary>Sessions taken over by one statement: some milliseconds' worth.</summary>
    const int TakenAtOnce = 200;

    /// <summary>Callers that wait for it: as many as a replica has connections.</summary>
    const int WaitForTaking = 20_000;

    readonly Gathered<(string Session, string User), SessionRow?> _taking = new(asked => TakeAllAsync(database, self, asked), TakenAtOnce, WaitForTaking);

    /// <summary>Takes the session over, from a lease, from a dead replica or from a live one that does not know yet that its connection is gone. Null: it has ended, or is just being ended.</summary>
    public Task<SessionRow?> TakeAsync(string session, string user, CancellationToken cancellation) => _taking.AskAsync((session, user)).WaitAsync(cancellation);

    static async Task<IReadOnlyList<SessionRow?>> TakeAllAsync(Database database, ReplicaIdentity self, IReadOnlyList<(string Session, string User)> asked)
    {
        var answers = new SessionRow?[asked.Count];
        // Asked for twice, it is taken twice, one after the other: each raises the generation.
        var turns = asked.Select(static (one, index) => (one.Session, one.User, Index: index)).GroupBy(static one => one.Session)
            .SelectMany(static same => same.Select(static (one, turn) => (one, turn))).ToLookup(static one => one.turn, static one => one.one);
        foreach (var turn in turns)
        {
            var taken = (await TakeEachAsync(database, self, [.. turn.Select(static one => one.Session)], [.. turn.Select(static one => one.User)])).ToDictionary(static row => row.Id, StringComparer.Ordinal);
            foreach (var (session, _, index) in turn)
                answers[index] = taken.GetValueOrDefault(session);
        }
        return answers;
    }

    /// <summary>Callers go their own ways when they have waited enough; what is asked for all is not cancelled by one.</summary>
    static Task<List<SessionRow>> TakeEachAsync(Database database, ReplicaIdentity self, string[] sessions, string[] users) => database.RunAsync("sessionTake", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with asked as (
                select s.id from sessions s join unnest($1::text[], $2::text[]) as a (id, user_id) on s.id = a.id and s.user_id = a.user_id
                where s.ending_since is null order by s.id for update of s),
            taken as (
                update sessions set replica = $3, boot = $4, generation = generation + 1, lease_ends = null where id in (select id from asked) returning {Columns}),
            news as (
                insert into outbox (kind, key, number, payload) select '{OutboxKind.SessionTaken}', id, generation, $4 from taken)
            select {Columns} from taken
            """, connection);
        command.Parameters.Add(Texts(sessions));
        command.Parameters.Add(Texts(users));
        command.Parameters.Add(new() { Value = self.Name });
        command.Parameters.Add(new() { Value = self.Boot });
        await command.PrepareAsync(token);
        return await ReadAsync(command, token);
    }, CancellationToken.None);
}
