namespace Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;

/// <summary>Settings of a context, bound from <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL[:name][:context type]</c>.</summary>
public sealed class NpgsqlEntityFrameworkCorePostgreSQLSettings
{
    /// <summary><c>ConnectionStrings:name</c> wins over the section's value.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Whether a transient failure is reported at once instead of being retried. With retry on, a transaction of one's own needs
    /// <c>Database.CreateExecutionStrategy()</c>.</summary>
    public bool DisableRetry { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }

    public bool DisableMetrics { get; set; }

    /// <summary>Seconds.</summary>
    public int? CommandTimeout { get; set; }
}
