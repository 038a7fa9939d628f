using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Signaling.Data;

/// <summary>Crash reports in Postgres, after they are on disk.</summary>
public sealed class CrashReportStore(IServiceScopeFactory scopes) : ICrashSink
{
    public async Task StoreAsync(CrashReport report, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<RealtimeDbContext>();
        if (await context.CrashReports.AnyAsync(row => row.Id == report.Id, cancellation))
            return;
        context.CrashReports.Add(new CrashReportRow
        {
            Id = report.Id,
            Time = report.Time,
            Service = report.Service,
            Node = report.Node,
            StackHash = report.StackHash,
            // json takes every escape but the NUL, which Postgres cannot hold in a text.
            Report = JsonSerializer.Serialize(report, ContractsJson.Options).Replace("\\u0000", "", StringComparison.Ordinal),
        });
        await context.SaveChangesAsync(cancellation);
    }
}
