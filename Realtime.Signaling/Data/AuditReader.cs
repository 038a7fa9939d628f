using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;
using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>Which entries; null: all.</summary>
public sealed record AuditFilter(string? Channel = null, string? Target = null, string? Actor = null, string? Action = null);

/// <summary>Reads the audit log, and proves that it is as it was written.</summary>
public sealed class AuditReader(Database database)
{
    const int ExportPage = 500;

    /// <summary>Entries checked per statement: well within the statement timeout.</summary>
    const int VerifyPage = 5000;

    /// <summary>Entries after <paramref name="after"/>, the oldest first; or, newest first, those before it (0: from the end).</summary>
    public Task<List<AuditEntry>> ReadAsync(AuditFilter filter, long after, int limit, CancellationToken cancellation, bool newestFirst = false) => database.RunAsync("auditRead", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            select seq, at, actor, action, channel, target, reason, details, encode(previous, 'hex'), encode(hash, 'hex') from audit_log
            where seq {(newestFirst ? "<" : ">")} $1 and ($6::text is null or action = $6) and ($3::text is null or channel = $3) and ($4::text is null or target = $4) and ($5::text is null or actor = $5) order by seq {(newestFirst ? "desc" : "")} limit $2
            """, connection);
        command.Parameters.Add(new() { Value = newestFirst && after == 0 ? long.MaxValue : after });
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(SqlText.Of(filter.Channel));
        command.Parameters.Add(SqlText.Of(filter.Target));
        command.Parameters.Add(SqlText.Of(filter.Actor));
        command.Parameters.Add(SqlText.Of(filter.Action));
        var entries = new List<AuditEntry>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            entries.Add(new AuditEntry(
                reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2), reader.GetString(3), Text(4), Text(5), Text(6),
                Text(7) is { } details ? JsonSerializer.Deserialize<JsonElement>(details) : null, reader.GetString(8), reader.GetString(9)));
        }
        return entries;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }, cancellation);

    /// <summary>All entries after <paramref name="after"/>, page by page.</summary>
    public async IAsyncEnumerable<AuditEntry> ReadAllAsync(long after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var page = await ReadAsync(new AuditFilter(), after, ExportPage, cancellation);
            foreach (var entry in page)
                yield return entry;
            if (page.Count < ExportPage)
                yield break;
            after = page[^1].Seq;
        }
    }

    /// <summary>Computes every hash anew, looks for holes, and whether the log ends where its head says.</summary>
    public async Task<AuditVerification> VerifyAsync(CancellationToken cancellation)
    {
        // The head first: what is appended meanwhile lies behind it.
        var (last, head) = await HeadAsync(cancellation);
        var seq = 0L;
        while (seq < last)
        {
            var upTo = Math.Min(last, seq + VerifyPage);
            if (await FirstBrokenAsync(seq, upTo, cancellation) is { } broken)
                return new AuditVerification(false, broken - 1, head, broken);
            seq = upTo;
        }
        return await HashAsync(last, cancellation) == head ? new AuditVerification(true, last, head) : new AuditVerification(false, Math.Max(0, last - 1), head, last);
    }

    Task<(long Seq, string Hash)> HeadAsync(CancellationToken cancellation) => database.RunAsync("auditHead", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select seq, encode(hash, 'hex') from audit_head", connection);
        await using var reader = await command.ExecuteReaderAsync(token);
        return await reader.ReadAsync(token) ? (reader.GetInt64(0), reader.GetString(1)) : (0L, "");
    }, cancellation);

    /// <summary>The first number of a range whose entry is missing, is not what its hash says, or does not follow the one before.</summary>
    Task<long?> FirstBrokenAsync(long after, long upTo, CancellationToken cancellation) => database.RunAsync("auditVerify", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select n from generate_series($1 + 1, $2) n
            left join audit_log a on a.seq = n left join audit_log b on b.seq = n - 1
            where a.seq is null or a.hash <> audit_hash(a.previous, a.seq, a.at, a.actor, a.action, a.channel, a.target, a.reason, a.details)
                or a.previous is distinct from case when n = 1 then decode(repeat('00', 32), 'hex') else b.hash end
            order by n limit 1
            """, connection);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = upTo });
        return (long?)await command.ExecuteScalarAsync(token);
    }, cancellation);

    Task<string> HashAsync(long seq, CancellationToken cancellation) => database.RunAsync("auditHash", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select coalesce((select encode(hash, 'hex') from audit_log where seq = $1), repeat('00', 32))", connection);
        command.Parameters.Add(new() { Value = seq });
        return (string)(await command.ExecuteScalarAsync(token))!;
    }, cancellation);
}
