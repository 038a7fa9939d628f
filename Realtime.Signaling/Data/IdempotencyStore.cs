using System.Data;
using Npgsql;

namespace Realtime.Signaling.Data;

/// <summary>What an idempotency key is bound to.</summary>
/// <param name="Owner">The user: nobody is answered with what somebody else was.</param>
public readonly record struct IdempotencyId(string Owner, string Key, string Route);

/// <summary>What is known of a key.</summary>
/// <param name="Claim">Not null: this request has it now, and runs.</param>
/// <param name="Status">Null while another request runs.</param>
public sealed record IdempotencyState(DateTime? Claim, byte[] Request, int? Status, string? ContentType, string? Location, byte[]? Body);

/// <summary>Answers kept for retries, in Postgres, for a day.</summary>
public sealed class IdempotencyStore(Database database)
{
    /// <summary>A claim whose request ended without a word (its replica died) is free again after this: longer than any request takes.</summary>
    public static readonly TimeSpan ClaimLasts = TimeSpan.FromSeconds(60);

    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>Claims the key, or tells what became of it.</summary>
    public Task<IdempotencyState> ClaimAsync(IdempotencyId id, byte[] request, CancellationToken cancellation) => database.RunAsync("idempotencyClaim", async (connection, token) =>
    {
        await using var command = Command(
            """
            with claimed as (
                insert into idempotency as known (owner, key, route, request) values ($1, $2, $3, $4)
                on conflict (owner, key, route) do update set request = excluded.request, status = null, content_type = null, location = null, body = null, claimed_at = now()
                where (known.status is null and known.claimed_at < now() - $5::interval) or known.claimed_at < now() - $6::interval
                returning claimed_at)
            select claimed_at, null::bytea, null::int, null::text, null::text, null::bytea from claimed
            union all
            select null, request, status, content_type, location, body from idempotency where owner = $1 and key = $2 and route = $3 and not exists (select from claimed)
            """, connection, id);
        command.Parameters.Add(new() { Value = request });
        command.Parameters.Add(new() { Value = ClaimLasts });
        command.Parameters.Add(new() { Value = Kept });
        await using var reader = await command.ExecuteReaderAsync(token);
        // Neither: it was claimed between the two looks, by a request that has committed only now.
        if (!await reader.ReadAsync(token))
            return new IdempotencyState(null, request, null, null, null, null);
        return new IdempotencyState(
            reader.IsDBNull(0) ? null : reader.GetDateTime(0), reader.IsDBNull(1) ? request : reader.GetFieldValue<byte[]>(1), reader.IsDBNull(2) ? null : reader.GetInt32(2),
            reader.IsDBNull(3) ? null : reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4), reader.IsDBNull(5) ? null : reader.GetFieldValue<byte[]>(5));
    }, cancellation);

    /// <summary>Keeps the answer, if the claim is still ours.</summary>
    /// <param name="body">Null: too large to be kept; a retry is told that it was done.</param>
    public Task StoreAsync(IdempotencyId id, DateTime claim, int status, string? contentType, string? location, byte[]? body, CancellationToken cancellation) => database.RunAsync("idempotencyStore", async (connection, token) =>
    {
        await using var command = Command(
            "update idempotency set status = $5, content_type = $6, body = $7, location = $8 where owner = $1 and key = $2 and route = $3 and claimed_at = $4 and status is null", connection, id);
        command.Parameters.Add(new() { Value = claim });
        command.Parameters.Add(new() { Value = status });
        command.Parameters.Add(new() { Value = (object?)contentType ?? DBNull.Value, DbType = DbType.String });
        command.Parameters.Add(new() { Value = (object?)body ?? DBNull.Value, DbType = DbType.Binary });
        command.Parameters.Add(new() { Value = (object?)location ?? DBNull.Value, DbType = DbType.String });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>Nothing was done: the next request with this key does it.</summary>
    public Task ReleaseAsync(IdempotencyId id, DateTime claim, CancellationToken cancellation) => database.RunAsync("idempotencyRelease", async (connection, token) =>
    {
        await using var command = Command("delete from idempotency where owner = $1 and key = $2 and route = $3 and claimed_at = $4 and status is null", connection, id);
        command.Parameters.Add(new() { Value = claim });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    public Task TrimAsync(CancellationToken cancellation) => database.RunAsync("idempotencyTrim", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("delete from idempotency where claimed_at < now() - $1::interval", connection);
        command.Parameters.Add(new() { Value = Kept });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    static NpgsqlCommand Command(string sql, NpgsqlConnection connection, IdempotencyId id)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = id.Owner });
        command.Parameters.Add(new() { Value = id.Key });
        command.Parameters.Add(new() { Value = id.Route });
        return command;
    }
}
