using System.Text.Json;
using Npgsql;
using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>Crash reports as operators page through them. Ids are made in time's order, so they are the pages' marks.</summary>
public sealed class CrashReportReader(Database database)
{
    const int MaxNodes = 20;
    const int TrendHours = 24;

    /// <summary>By stack, the one seen last first.</summary>
    /// <param name="after">The <see cref="CrashGroup.Latest"/> of the last one of the page before.</param>
    /// <param name="search">A user, a room, a component, a node, a trace, or part of an exception's type or message; null: all.</param>
    public Task<List<CrashGroup>> GroupsAsync(string? after, int limit, string? search, CancellationToken cancellation) => database.RunAsync("crashGroups", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with runs as (
                select stack_hash, service, node, process, max(seen) as seen, count(*) as reports, min(time) as first, max(time) as last, max(id) as latest
                from crash_reports
                where $3 is null or user_id = $3 or room = $3 or component = $3 or node = $3 or trace_id = $3 or strpos(lower(error_type), lower($3)) > 0 or strpos(lower(error_message), lower($3)) > 0
                group by stack_hash, service, node, process),
            groups as (
                select stack_hash, sum(seen)::bigint as seen, sum(reports)::bigint as reports, min(first) as first, max(last) as last, max(latest) as latest, array_agg(distinct node) as nodes
                from runs group by stack_hash having $1 is null or max(latest) < $1 order by max(latest) desc limit $2)
            select g.stack_hash, g.seen, g.reports, g.first, g.last, g.latest, c.kind, c.component, c.action, c.error_type, c.error_message, g.nodes[1:{MaxNodes}], t.hours, t.reports
            from groups g join crash_reports c on c.id = g.latest
            left join lateral (
                select array_agg(hour) as hours, array_agg(reports) as reports from (
                    select floor(extract(epoch from now() - time) / 3600)::int as hour, count(*)::int as reports
                    from crash_reports r where r.stack_hash = g.stack_hash and r.time > now() - interval '{TrendHours} hours' group by 1) per_hour) t on true
            order by g.latest desc
            """, connection);
        command.Parameters.Add(SqlText.Of(after));
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(SqlText.Of(search));
        var groups = new List<CrashGroup>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            groups.Add(new CrashGroup(
                reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetString(5),
                reader.GetString(6), reader.GetString(7), reader.GetString(8), Optional(reader, 9), Optional(reader, 10), reader.GetFieldValue<string[]>(11), Trend(reader)));
        }
        return groups;
    }, cancellation);

    /// <summary>Of one stack, the newest first.</summary>
    public Task<List<CrashSummary>> OfStackAsync(string hash, string? after, int limit, CancellationToken cancellation) => database.RunAsync("crashesOfStack", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            select id, time, service, node, kind, component, action, user_id, room, trace_id, seen
            from crash_reports where stack_hash = $1 and ($2 is null or id < $2) order by id desc limit $3
            """, connection);
        command.Parameters.Add(new() { Value = hash });
        command.Parameters.Add(SqlText.Of(after));
        command.Parameters.Add(new() { Value = limit });
        var found = new List<CrashSummary>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            found.Add(new CrashSummary(
                reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5), reader.GetString(6),
                Optional(reader, 7), Optional(reader, 8), Optional(reader, 9), reader.GetInt64(10)));
        }
        return found;
    }, cancellation);

    public Task<CrashReport?> FindAsync(string id, CancellationToken cancellation) => database.RunAsync("crash", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select report from crash_reports where id = $1", connection);
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteScalarAsync(token) is string report ? JsonSerializer.Deserialize<CrashReport>(report, ContractsJson.Options) : null;
    }, cancellation);

    /// <summary>Hours without a report are not in the answer.</summary>
    static int[] Trend(NpgsqlDataReader reader)
    {
        var trend = new int[TrendHours];
        if (reader.IsDBNull(12))
            return trend;
        foreach (var (hoursAgo, reports) in reader.GetFieldValue<int[]>(12).Zip(reader.GetFieldValue<int[]>(13)))
        {
            // A report of a node whose clock is ahead is of this hour.
            if (hoursAgo < TrendHours)
                trend[TrendHours - 1 - Math.Max(0, hoursAgo)] = reports;
        }
        return trend;
    }

    static string? Optional(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
