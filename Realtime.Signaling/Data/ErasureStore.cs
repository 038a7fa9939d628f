using Npgsql;
using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>An erasure that a replica works on.</summary>
public sealed record ErasureClaim(string User, int Step);

/// <summary>Erasures in Postgres: asked for, claimed by one replica at a time, done step by step.</summary>
public sealed class ErasureStore(Database database)
{
    static readonly TimeSpan ClaimFor = TimeSpan.FromMinutes(1);

    /// <summary>Asked for again while it runs changes nothing; after its end it begins anew (there may be new data).</summary>
    public Task<ErasureInfo> RequestAsync(string user, string by, CancellationToken cancellation) => database.RunAsync("erasureRequest", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with asked as (
                insert into user_erasures as e (user_id, requested_by) values ($1, $2)
                on conflict (user_id) do update set requested_by = excluded.requested_by, requested_at = now(), step = 0, claimed_until = null, finished_at = null where e.finished_at is not null
                returning user_id),
            audited as (select audit_append($2, 'erasureRequested', null, user_id, null, null) as seq from asked)
            select count(seq) from audited
            """, connection);
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = by });
        await command.ExecuteScalarAsync(token);
        return await ReadAsync(connection, user, token) ?? throw new InvalidOperationException("An erasure that was just asked for is not there.");
    }, cancellation);

    public Task<ErasureInfo?> FindAsync(string user, CancellationToken cancellation) => database.RunAsync("erasure", (connection, token) => ReadAsync(connection, user, token), cancellation);

    /// <summary>The oldest erasure that nobody works on, or whose replica was not heard of for a minute.</summary>
    public Task<ErasureClaim?> ClaimAsync(CancellationToken cancellation) => database.RunAsync("erasureClaim", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            update user_erasures set claimed_until = now() + $1 where user_id = (
                select user_id from user_erasures where finished_at is null and (claimed_until is null or claimed_until < now())
                order by requested_at limit 1 for update skip locked)
            returning user_id, step
            """, connection);
        command.Parameters.Add(new() { Value = ClaimFor });
        await using var reader = await command.ExecuteReaderAsync(token);
        return await reader.ReadAsync(token) ? new ErasureClaim(reader.GetString(0), reader.GetInt32(1)) : null;
    }, cancellation);

    /// <summary>One batch of a step. </summary>
    /// <returns>How many rows; 0: the step is done.</returns>
    public Task<long> RunStepAsync(string user, int step, int batch, CancellationToken cancellation) => database.RunAsync("erasureStep", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(ErasureSteps.All[step].Sql, connection);
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = batch });
        return (long)(await command.ExecuteScalarAsync(token))!;
    }, cancellation);

    /// <summary>How far it is; and for another minute it is this replica's. After the last step it is finished and recorded.</summary>
    public Task AdvanceAsync(string user, int step, CancellationToken cancellation) => database.RunAsync("erasureAdvance", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with advanced as (
                update user_erasures set step = greatest(step, $2), claimed_until = now() + $3, finished_at = case when $2 >= $4 then now() end
                where user_id = $1 and finished_at is null returning user_id, finished_at),
            audited as (select audit_append('realtime', 'userErased', null, user_id, null, null) as seq from advanced where finished_at is not null)
            select count(seq) from audited
            """, connection);
        command.Parameters.Add(new() { Value = user });
        command.Parameters.Add(new() { Value = step });
        command.Parameters.Add(new() { Value = ClaimFor });
        command.Parameters.Add(new() { Value = ErasureSteps.All.Count });
        await command.ExecuteScalarAsync(token);
    }, cancellation);

    static async Task<ErasureInfo?> ReadAsync(NpgsqlConnection connection, string user, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select requested_at, requested_by, finished_at from user_erasures where user_id = $1", connection);
        command.Parameters.Add(new() { Value = user });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        DateTimeOffset? finished = reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2);
        return new ErasureInfo(user, finished is null ? "pending" : "done", reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1), finished);
    }
}
