using Microsoft.EntityFrameworkCore;

namespace Realtime.Signaling.Data;

/// <summary>
/// The database as EF Core sees it: its migrations, and the tables that operators page through. What happens per message is one SQL function
/// and a few statements on <see cref="Database"/>, because a statement per batch is the design and a change tracker would only be in its way.
/// </summary>
public sealed class RealtimeDbContext(DbContextOptions<RealtimeDbContext> options) : DbContext(options)
{
    public DbSet<CrashReportRow> CrashReports => Set<CrashReportRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<CrashReportRow>(row =>
    {
        row.ToTable("crash_reports");
        row.HasKey(static report => report.Id);
        row.Property(static report => report.Id).HasColumnName("id");
        row.Property(static report => report.Time).HasColumnName("time");
        row.Property(static report => report.Service).HasColumnName("service");
        row.Property(static report => report.Node).HasColumnName("node");
        row.Property(static report => report.StackHash).HasColumnName("stack_hash");
        row.Property(static report => report.Report).HasColumnName("report").HasColumnType("json");
    });
}

/// <summary>One crash report; <see cref="Report"/> is the whole of it as JSON.</summary>
public sealed class CrashReportRow
{
    public required string Id { get; init; }
    public required DateTimeOffset Time { get; init; }
    public required string Service { get; init; }
    public required string Node { get; init; }
    public required string StackHash { get; init; }
    public required string Report { get; init; }
}
