using System.Text.Json;
using Npgsql;
using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>Something that operators set at run time.</summary>
public sealed record Setting(string Key, string Value, string ChangedBy, DateTimeOffset ChangedAt);

/// <summary>Settings changed at run time, with the record in the audit log and the news in the outbox (the payload is the whole setting; without one the configuration holds again).</summary>
public sealed class SettingStore(Database database)
{
    const int Most = 1000;

    public Task<List<Setting>> AllAsync(CancellationToken cancellation) => database.RunAsync("settings", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"select key, value, changed_by, changed_at from settings order by key limit {Most}", connection);
        var all = new List<Setting>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            all.Add(new Setting(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3)));
        return all;
    }, cancellation);

    public Task SetAsync(Setting setting, string action, CancellationToken cancellation) => database.RunAsync("settingSet", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with put as (
                insert into settings (key, value, changed_by, changed_at) values ($1, $2, $3, $4)
                on conflict (key) do update set value = excluded.value, changed_by = excluded.changed_by, changed_at = excluded.changed_at returning key),
            audited as (select key, audit_append($3, $5, null, $1, null, $6) from put)
            insert into outbox (kind, key, payload) select '{OutboxKind.Setting}', key, $7 from audited
            """, connection);
        command.Parameters.Add(new() { Value = setting.Key });
        command.Parameters.Add(new() { Value = setting.Value });
        command.Parameters.Add(new() { Value = setting.ChangedBy });
        command.Parameters.Add(SqlText.Time(setting.ChangedAt));
        command.Parameters.Add(new() { Value = action });
        command.Parameters.Add(SqlText.Of(JsonSerializer.Serialize(new { setting.Value }, ContractsJson.Options)));
        command.Parameters.Add(SqlText.Of(JsonSerializer.Serialize(setting, ContractsJson.Options)));
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <returns>False: it was not set.</returns>
    public Task<bool> ResetAsync(string key, string by, string action, CancellationToken cancellation) => database.RunAsync("settingReset", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with gone as (delete from settings where key = $1 returning key),
            audited as (select key, audit_append($2, $3, null, $1, null, null) from gone)
            insert into outbox (kind, key) select '{OutboxKind.Setting}', key from audited
            """, connection);
        command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = by });
        command.Parameters.Add(new() { Value = action });
        return await command.ExecuteNonQueryAsync(token) > 0;
    }, cancellation);
}
