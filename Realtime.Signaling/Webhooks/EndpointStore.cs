using Npgsql;
using NpgsqlTypes;
using Realtime.Contracts;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Webhooks;

/// <summary>Webhook endpoints in Postgres.</summary>
public sealed class EndpointStore(Database database)
{
    const string Columns = "e.id, e.url, e.description, e.kinds, e.channels, e.secrets, e.enabled, e.disabled_because, e.created_by, e.created_at";
    const string Counts = """
        (select count(*) from webhook_deliveries d where d.endpoint = e.id and d.state in ('pending', 'claimed')),
        (select count(*) from webhook_deliveries d where d.endpoint = e.id and d.state = 'dead')
        """;

    /// <returns>False: there are so many already.</returns>
    public Task<bool> AddAsync(WebhookEndpoint endpoint, int most, CancellationToken cancellation) => database.RunAsync("webhookAdd", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            insert into webhook_endpoints (id, url, description, kinds, channels, secrets, enabled, created_by, created_at)
            select $1, $2, $3, $4, $5, $6, $7, $8, $9 where (select count(*) from webhook_endpoints) < $10
            """, connection);
        command.Parameters.Add(new() { Value = endpoint.Id });
        command.Parameters.Add(new() { Value = endpoint.Url });
        command.Parameters.Add(new() { Value = endpoint.Description });
        command.Parameters.Add(Texts(endpoint.Kinds));
        command.Parameters.Add(Texts(endpoint.Channels));
        command.Parameters.Add(Texts(endpoint.Secrets));
        command.Parameters.Add(new() { Value = endpoint.Enabled });
        command.Parameters.Add(new() { Value = endpoint.CreatedBy });
        command.Parameters.Add(new() { Value = endpoint.CreatedAt });
        command.Parameters.Add(new() { Value = (long)most });
        return await command.ExecuteNonQueryAsync(token) > 0;
    }, cancellation);

    public Task<List<WebhookInfo>> ListAsync(string? after, int limit, CancellationToken cancellation) => database.RunAsync("webhooks", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"select {Columns}, {Counts} from webhook_endpoints e where e.id > $1 order by e.id limit $2", connection);
        command.Parameters.Add(new() { Value = after ?? "" });
        command.Parameters.Add(new() { Value = limit });
        var found = new List<WebhookInfo>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            found.Add(ReadInfo(reader));
        return found;
    }, cancellation);

    public Task<WebhookInfo?> InfoAsync(string id, CancellationToken cancellation) => database.RunAsync("webhook", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"select {Columns}, {Counts} from webhook_endpoints e where e.id = $1", connection);
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(token);
        return await reader.ReadAsync(token) ? ReadInfo(reader) : null;
    }, cancellation);

    public Task<WebhookEndpoint?> FindAsync(string id, CancellationToken cancellation) => database.RunAsync("webhookFind", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"select {Columns} from webhook_endpoints e where e.id = $1", connection);
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(token);
        return await reader.ReadAsync(token) ? Read(reader) : null;
    }, cancellation);

    /// <summary>Whom events may be for. Within a caller's transaction.</summary>
    public static async Task<List<WebhookEndpoint>> EnabledAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {Columns} from webhook_endpoints e where e.enabled order by e.id", connection);
        var found = new List<WebhookEndpoint>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            found.Add(Read(reader));
        return found;
    }

    /// <summary>What is null stays.</summary>
    /// <returns>False: there is none of that id.</returns>
    public Task<bool> ChangeAsync(string id, WebhookRequest change, CancellationToken cancellation) => database.RunAsync("webhookChange", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            update webhook_endpoints set
                url = coalesce($2, url), kinds = coalesce($3, kinds), channels = coalesce($4, channels), description = coalesce($5, description),
                enabled = coalesce($6, enabled), disabled_because = case when $6 is null then disabled_because end
            where id = $1
            """, connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = (object?)change.Url ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(Texts(change.Kinds));
        command.Parameters.Add(Texts(change.Channels));
        command.Parameters.Add(new() { Value = (object?)change.Description ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)change.Enabled ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean });
        return await command.ExecuteNonQueryAsync(token) > 0;
    }, cancellation);

    /// <summary>Puts other secrets in the place of those the caller has seen.</summary>
    /// <returns>False: somebody else changed them meanwhile, or it is gone.</returns>
    public Task<bool> SetSecretsAsync(string id, IReadOnlyList<string> seen, IReadOnlyList<string> secrets, CancellationToken cancellation) => database.RunAsync("webhookSecrets", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("update webhook_endpoints set secrets = $3 where id = $1 and secrets = $2", connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(Texts(seen));
        command.Parameters.Add(Texts(secrets));
        return await command.ExecuteNonQueryAsync(token) > 0;
    }, cancellation);

    public Task<List<WebhookEndpoint>> AllAsync(CancellationToken cancellation) => database.RunAsync("webhooksAll", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand($"select {Columns} from webhook_endpoints e order by e.id", connection);
        var found = new List<WebhookEndpoint>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            found.Add(Read(reader));
        return found;
    }, cancellation);

    public Task DisableAsync(string id, string because, CancellationToken cancellation) => database.RunAsync("webhookDisable", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("update webhook_endpoints set enabled = false, disabled_because = $2 where id = $1 and enabled", connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = because });
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>With everything that waits for it.</summary>
    public Task<bool> DeleteAsync(string id, CancellationToken cancellation) => database.RunAsync("webhookDelete", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("delete from webhook_endpoints where id = $1", connection);
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteNonQueryAsync(token) > 0;
    }, cancellation);

    static NpgsqlParameter Texts(IReadOnlyList<string>? texts) =>
        new() { Value = texts is null ? DBNull.Value : texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    static WebhookEndpoint Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<string[]>(3), reader.GetFieldValue<string[]>(4), reader.GetFieldValue<string[]>(5),
        reader.GetBoolean(6), reader.IsDBNull(7) ? null : reader.GetString(7), reader.GetString(8), reader.GetFieldValue<DateTimeOffset>(9));

    static WebhookInfo ReadInfo(NpgsqlDataReader reader)
    {
        var one = Read(reader);
        return new WebhookInfo(
            one.Id, one.Url, one.Description, one.Kinds, one.Channels, one.Enabled, one.DisabledBecause, one.Secrets.Count, one.CreatedBy, one.CreatedAt,
            reader.GetInt64(10), reader.GetInt64(11));
    }
}
