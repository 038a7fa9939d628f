using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Data;

/// <summary>Section <c>Database</c>: how this replica uses Postgres. The connection itself is <c>ConnectionStrings:realtimedb</c>.</summary>
public sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary>Connections of this replica: enough to keep two cores of Postgres busy, few enough for many replicas.</summary>
    public int MaxConnections { get; set; } = 16;

    /// <summary>Callers that wait for a connection; more are refused with <c>unavailable</c>.</summary>
    public int MaxWaiting { get; set; } = 500;

    /// <summary>The server gives up a statement after this, so that a replica that stops in the middle holds nobody up.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>… and the wait for a row lock after this.</summary>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long outbox entries are kept (design §4).</summary>
    public TimeSpan OutboxRetention { get; set; } = TimeSpan.FromDays(7);

    internal sealed class Validator : IValidateOptions<DatabaseOptions>
    {
        public ValidateOptionsResult Validate(string? name, DatabaseOptions options)
        {
            var mistakes = new List<string>();
            if (options.MaxConnections is < 2 or > 500)
                mistakes.Add("Database:MaxConnections must be between 2 and 500.");
            if (options.MaxWaiting < 1)
                mistakes.Add("Database:MaxWaiting must be positive.");
            if (options.StatementTimeout <= TimeSpan.Zero)
                mistakes.Add("Database:StatementTimeout must be positive.");
            if (options.LockTimeout <= TimeSpan.Zero || options.LockTimeout > options.StatementTimeout)
                mistakes.Add("Database:LockTimeout must be positive and at most Database:StatementTimeout.");
            if (options.OutboxRetention < TimeSpan.FromMinutes(10))
                mistakes.Add("Database:OutboxRetention must be at least 10 minutes.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
