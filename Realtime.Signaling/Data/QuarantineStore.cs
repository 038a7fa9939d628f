using System.Text.Json;
using Npgsql;
using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>Who is kept out, in Postgres, with the news in the outbox: <c>key</c> is <c>kind:key</c>, the payload the whole entry; without one it was lifted.</summary>
public sealed class QuarantineStore(Database database)
{
    public Task AddAsync(QuarantineInfo entry, CancellationToken cancellation) => database.RunAsync("quarantine", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with added as (
                insert into quarantines (kind, key, ends_at, entry) values ($1, $2, $3, $4::json)
                on conflict (kind, key) do update set ends_at = excluded.ends_at, entry = excluded.entry where quarantines.ends_at < excluded.ends_at
                returning kind, key, entry)
            insert into outbox (kind, key, payload) select '{OutboxKind.Quarantine}', kind || ':' || key, entry::text from added
            """, connection);
        command.Parameters.Add(new() { Value = entry.Kind });
        command.Parameters.Add(new() { Value = entry.Key });
        command.Parameters.Add(new() { Value = entry.Until });
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(entry, ContractsJson.Options) });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <returns>False: nobody of that name is kept out.</returns>
    public Task<bool> LiftAsync(string kind, string key, CancellationToken cancellation) => database.RunAsync("quarantineLift", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with lifted as (delete from quarantines where kind = $1 and key = $2 returning kind, key)
            insert into outbox (kind, key) select '{OutboxKind.Quarantine}', kind || ':' || key from lifted
            """, connection);
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = key });
        return await command.ExecuteNonQueryAsync(token) > 0;
    }, cancellation);

    public Task<List<QuarantineInfo>> AllAsync(CancellationToken cancellation) => database.RunAsync("quarantines", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select entry::text from quarantines order by ends_at desc limit 10000", connection);
        var all = new List<QuarantineInfo>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            all.Add(JsonSerializer.Deserialize<QuarantineInfo>(reader.GetString(0), ContractsJson.Options)!);
        return all;
    }, cancellation);

    /// <summary>Forgets who has been let in again a day ago: until then they come back for longer.</summary>
    public Task TrimAsync(CancellationToken cancellation) => database.RunAsync("quarantineTrim", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("delete from quarantines where ends_at < now() - interval '1 day'", connection);
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);
}
