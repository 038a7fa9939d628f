using Npgsql;

namespace Realtime.Signaling.Data;

/// <summary>One revocation. Tokens issued before <see cref="IssuedBefore"/> are void; the entry itself can go when the last of them has expired.</summary>
public sealed record Revocation(bool IsUser, string Key, DateTimeOffset IssuedBefore, DateTimeOffset ExpiresAt);

/// <summary>Revoked tokens and users in Postgres, with their news in the outbox.</summary>
public sealed class RevocationStore(Database database)
{
    /// <param name="by">Who revokes, for the audit log; the record, the revocation and its news are one statement.</param>
    public Task AddAsync(Revocation revocation, string by, CancellationToken cancellation) => database.RunAsync("revoke", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with added as (
                insert into revocations (kind, key, issued_before, expires_at) values ($1, $2, $3, $4)
                on conflict (kind, key) do update set issued_before = greatest(revocations.issued_before, excluded.issued_before), expires_at = greatest(revocations.expires_at, excluded.expires_at)
                returning kind, key, issued_before, expires_at),
            audited as (select audit_append($5, kind || 'Revoked', null, key, null, null) from added)
            insert into outbox (kind, key, number, payload)
            select '{OutboxKind.Revoked}', key, case kind when 'user' then 1 else 0 end, (extract(epoch from issued_before) * 1000)::bigint || ' ' || (extract(epoch from expires_at) * 1000)::bigint from added, audited
            """, connection);
        command.Parameters.Add(new() { Value = revocation.IsUser ? "user" : "token" });
        command.Parameters.Add(new() { Value = revocation.Key });
        command.Parameters.Add(new() { Value = revocation.IssuedBefore });
        command.Parameters.Add(new() { Value = revocation.ExpiresAt });
        command.Parameters.Add(new() { Value = by });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>Everything in force.</summary>
    public Task<List<Revocation>> AllAsync(CancellationToken cancellation) => database.RunAsync("revocations", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select kind, key, issued_before, expires_at from revocations where expires_at > now()", connection);
        var all = new List<Revocation>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            all.Add(new Revocation(reader.GetString(0) == "user", reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3)));
        return all;
    }, cancellation);

    public Task TrimAsync(CancellationToken cancellation) => database.RunAsync("revocationTrim", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("delete from revocations where expires_at < now()", connection);
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);
}
