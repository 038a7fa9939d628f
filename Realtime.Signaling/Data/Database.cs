using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Data;

/// <summary>
/// The way to Postgres for everything that is not EF Core: a bounded pool, server-side timeouts, the circuit <c>database</c>, and one answer for callers:
/// a <see cref="RealtimeException"/> that says whether anything can have happened.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    public const string ConnectionName = "realtimedb";
    public const string CircuitName = "database";

    const int RetryAfterMs = 1000;

    readonly NpgsqlDataSource _source;
    readonly SemaphoreSlim _slots;
    readonly DatabaseOptions _options;
    int _waiting;

    public Database(IConfiguration configuration, IOptions<DatabaseOptions> options, CircuitRegistry circuits)
    {
        _options = options.Value;
        _slots = new SemaphoreSlim(_options.MaxConnections);
        var connection = new NpgsqlConnectionStringBuilder(configuration.GetConnectionString(ConnectionName))
        {
            MaxPoolSize = _options.MaxConnections,
            Timeout = 3,
            // Longer than the server's own timeout: the server's answer says for certain that nothing happened.
            CommandTimeout = (int)Math.Ceiling(_options.StatementTimeout.TotalSeconds) + 2,
            CancellationTimeout = 500,
            KeepAlive = 10,
            Options = $"-c statement_timeout={(long)_options.StatementTimeout.TotalMilliseconds} -c lock_timeout={(long)_options.LockTimeout.TotalMilliseconds} -c idle_in_transaction_session_timeout=5000",
        };
        _source = new NpgsqlDataSourceBuilder(connection.ConnectionString).Build();
        Circuit = circuits.Get(new CircuitBreakerOptions(CircuitName) { IsFailure = IsOutage });
    }

    public CircuitBreaker Circuit { get; }

    /// <summary>Runs one unit of work on a connection. Work that may have been committed although it failed is answered with <c>unknownOutcome</c>.</summary>
    /// <exception cref="RealtimeException"><c>unavailable</c>: nothing happened. <c>unknownOutcome</c>: it may have.</exception>
    public async Task<T> RunAsync<T>(string action, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _waiting) > _options.MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new RealtimeException(new(ErrorCode.Unavailable, "Too much is waiting for the database.", RetryAfterMs: RetryAfterMs));
        }
        try
        {
            await _slots.WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
        var sent = false;
        try
        {
            return await Circuit.ExecuteAsync(async token =>
            {
                await FaultPoint.HitAsync("database", action, cancellation: token);
                await using var connection = await _source.OpenConnectionAsync(token);
                sent = true;
                return await work(connection, token);
            }, cancellation);
        }
        catch (CircuitOpenException open)
        {
            // Not when the circuit would let a call try: its probe closes it seconds after the database is back, and nobody should wait longer than that.
            throw new RealtimeException(new(ErrorCode.Unavailable, "The database is away.", RetryAfterMs: Random.Shared.Next(RetryAfterMs, 3 * RetryAfterMs)), open);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested && (IsOutage(failure) || IsLockTimeout(failure)))
        {
            throw new RealtimeException(sent && !WasRolledBack(failure)
                ? new(ErrorCode.UnknownOutcome, "The database did not answer: it may have been done. Retry with the same id.", RetryAfterMs: RetryAfterMs)
                : new(ErrorCode.Unavailable, "The database is away.", RetryAfterMs: RetryAfterMs), failure);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>As the other, without a result.</summary>
    public Task RunAsync(string action, Func<NpgsqlConnection, CancellationToken, Task> work, CancellationToken cancellation) =>
        RunAsync(action, async (connection, token) =>
        {
            await work(connection, token);
            return true;
        }, cancellation);

    /// <summary>A connection from outside the bounds and the circuit: for the probe and for migrations.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellation) => _source.OpenConnectionAsync(cancellation);

    public ValueTask DisposeAsync()
    {
        _slots.Dispose();
        return _source.DisposeAsync();
    }

    /// <summary>Whether the database is at fault; an error about the statement itself (a violated constraint) is an answer.</summary>
    static bool IsOutage(Exception failure) => failure switch
    {
        // 57 operator intervention (shutdown, statement timeout), 53 insufficient resources, 08 connection, 3D000 not there yet, 58 the disk, 25006 a standby.
        PostgresException postgres => postgres.SqlState.StartsWith("57", StringComparison.Ordinal) || postgres.SqlState.StartsWith("53", StringComparison.Ordinal)
            || postgres.SqlState.StartsWith("08", StringComparison.Ordinal) || postgres.SqlState is "3D000" or "58000" or "58030" or "25006",
        NpgsqlException or TimeoutException or SocketException or IOException => true,
        OperationCanceledException => true,
        _ => failure is InjectedRefusalException,
    };

    /// <summary>Somebody else holds one row: bad for this caller, no fault of the database.</summary>
    static bool IsLockTimeout(Exception failure) => failure is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    /// <summary>The server itself reported an error of the statement: its transaction is void. Not so when it was shutting down (57P).</summary>
    static bool WasRolledBack(Exception failure) =>
        failure is InjectedRefusalException || (failure is PostgresException postgres && !postgres.SqlState.StartsWith("57P", StringComparison.Ordinal));
}
