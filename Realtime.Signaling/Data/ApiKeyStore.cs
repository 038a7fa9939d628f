using Npgsql;

namespace Realtime.Signaling.Data;

/// <summary>A stored API key; its secrets sealed, the one that signs first.</summary>
public sealed record ApiKeyRow(string Id, byte[][] Secrets, DateTimeOffset CreatedAt, DateTimeOffset? RotatedAt);

/// <summary>API keys in Postgres, with the news of every change in the outbox.</summary>
public sealed class ApiKeyStore(Database database)
{
    /// <summary>Teams, not users: more are a mistake.</summary>
    public const int MaxKeys = 1000;

    public Task<List<ApiKeyRow>> AllAsync(CancellationToken cancellation) => database.RunAsync("apiKeys", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select id, secrets, created_at, rotated_at from api_keys order by id limit $1", connection);
        command.Parameters.Add(new() { Value = MaxKeys });
        var all = new List<ApiKeyRow>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            all.Add(new ApiKeyRow(
                reader.GetString(0), reader.GetFieldValue<byte[][]>(1), reader.GetFieldValue<DateTimeOffset>(2), reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3)));
        }
        return all;
    }, cancellation);

    /// <returns>False: there is one of that id, or there are <see cref="MaxKeys"/>.</returns>
    public Task<bool> AddAsync(string id, byte[] secret, CancellationToken cancellation) => ChangeAsync(
        "apiKeyAdd", $"insert into api_keys (id, secrets) select $1, array[$2::bytea] where (select count(*) from api_keys) < {MaxKeys} on conflict do nothing returning id", id, secret, cancellation);

    /// <summary>The new secret signs from now on, the one that did before is accepted besides, an older one no more.</summary>
    public Task<bool> RotateAsync(string id, byte[] secret, CancellationToken cancellation) => ChangeAsync(
        "apiKeyRotate", "update api_keys set secrets = array[$2::bytea, secrets[1]], rotated_at = now() where id = $1 returning id", id, secret, cancellation);

    /// <summary>The older secret is accepted no more.</summary>
    public Task<bool> RetireAsync(string id, CancellationToken cancellation) => ChangeAsync(
        "apiKeyRetire", "update api_keys set secrets = secrets[1:1] where id = $1 returning id", id, null, cancellation);

    /// <param name="by">Who deletes it, for the audit log.</param>
    public Task<bool> DeleteAsync(string id, string by, CancellationToken cancellation) => database.RunAsync("apiKeyDelete", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with gone as (delete from api_keys where id = $1 returning id),
            audited as (select id, audit_append($2, '{AuditAction.KeyRevoked}', null, id, null, null) from gone)
            insert into outbox (kind, key) select '{OutboxKind.Keys}', id from audited
            """, connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = by });
        return await command.ExecuteNonQueryAsync(token) > 0;
    }, cancellation);

    Task<bool> ChangeAsync(string action, string change, string id, byte[]? secret, CancellationToken cancellation) => database.RunAsync(action, async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"with changed as ({change}) insert into outbox (kind, key) select '{OutboxKind.Keys}', id from changed", connection);
        command.Parameters.Add(new() { Value = id });
        if (secret is not null)
            command.Parameters.Add(new() { Value = secret });
        return await command.ExecuteNonQueryAsync(token) > 0;
    }, cancellation);
}
