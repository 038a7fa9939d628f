using Microsoft.EntityFrameworkCore;
using Npgsql;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;

namespace Realtime.Signaling.Data;

/// <summary>
/// Brings the schema up to date before this replica is ready. An advisory lock lets exactly one replica work while the others wait; all of them then find
/// nothing left to do. Postgres not being there yet is waited for here, without counting as a crash.
/// </summary>
public sealed partial class Migrator(Database database, IServiceScopeFactory scopes, Readiness readiness, Supervisor supervisor, ILogger<Migrator> log)
    : SupervisedService(supervisor, "data.migrator")
{
    /// <summary>Any constant that nothing else in the database uses: "realtime" as the first eight letters of a long.</summary>
    const long LockKey = 0x7265616C74696D65;

    static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    readonly IDisposable _hold = readiness.Hold("migrations");
    readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the schema is there.</summary>
    public Task Done => _done.Task;

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await MigrateAsync(stopping);
                break;
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException && !IsMistake(exception))
            {
                LogWaiting(exception.Message);
                await Task.Delay(RetryEvery, Time, stopping);
            }
        }
        ActionLog.Record(Name, "migrated");
        _hold.Dispose();
        _done.TrySetResult();
    }

    async Task MigrateAsync(CancellationToken stopping)
    {
        await using var connection = await database.OpenAsync(stopping);
        // The lock lives as long as this session; waiting for it is bounded by nothing but the other replica's work.
        await ExecuteAsync(connection, "set statement_timeout = 0; set lock_timeout = 0;", stopping);
        await ExecuteAsync(connection, $"select pg_advisory_lock({LockKey})", stopping);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<RealtimeDbContext>();
            await context.Database.MigrateAsync(stopping);
        }
        finally
        {
            // Also on failure: the connection goes back to the pool. If it is broken, the server has let go of the lock already.
            if (connection.FullState == System.Data.ConnectionState.Open)
                await ExecuteAsync(connection, $"select pg_advisory_unlock({LockKey}); reset statement_timeout; reset lock_timeout;", CancellationToken.None);
        }
    }

    static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>42: the migration itself is wrong. Waiting does not help; the supervisor reports it.</summary>
    static bool IsMistake(Exception exception) => exception is PostgresException postgres && postgres.SqlState.StartsWith("42", StringComparison.Ordinal);

    public override void Dispose()
    {
        _hold.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Postgres is not ready for migrations yet: {Reason}")]
    partial void LogWaiting(string reason);
}
