using System.Globalization;
using Npgsql;

namespace Realtime.Tests.Harness;

/// <summary>A real Postgres on a port and data directory of its own, which tests kill and bring back.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    const int StartAttempts = 5;
    static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(30);

    readonly string _directory;
    readonly bool _durable;
    ChildProcess _process;
    int _databases;

    PostgresServer(string directory, int port, bool durable, ChildProcess process)
    {
        _directory = directory;
        Port = port;
        _durable = durable;
        _process = process;
    }

    public int Port { get; }

    /// <summary>Of the database <c>postgres</c>; <see cref="CreateDatabaseAsync"/> makes an empty one of its own for a test.</summary>
    public string ConnectionString => Connect("postgres");

    /// <summary>Returns when it answers.</summary>
    /// <param name="durable">Whether commits are flushed to disk; off for speed, since killing the process alone does not lose them.</param>
    public static async Task<PostgresServer> StartAsync(bool durable = false)
    {
        var directory = await PostgresTemplate.CopyAsync();
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Tcp();
            var server = new PostgresServer(directory, port, durable, Launch(directory, port, durable));
            if (await server.TryWaitAsync())
                return server;
            await server._process.DisposeAsync();
            if (attempt == StartAttempts)
                throw new InvalidOperationException($"postgres did not start: {server._process.Output}");
        }
    }

    /// <summary>An empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return Connect(name);
    }

    /// <summary>SIGKILL to the postmaster; its children end by themselves. Committed data is kept.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Starts it again after <see cref="KillAsync"/>, on the same port and data.</summary>
    public async Task RestartAsync()
    {
        // Until the last child of the killed postmaster has gone, a new one refuses to touch the data and exits.
        await Eventually.TrueAsync(async () =>
        {
            await _process.DisposeAsync();
            _process = Launch(_directory, Port, _durable);
            return await TryWaitAsync();
        }, s_startTimeout);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        await Eventually.TrueAsync(TryDeleteDirectory);
    }

    static ChildProcess Launch(string directory, int port, bool durable) => ChildProcess.Start(PostgresTemplate.Binary("postgres"),
        [
            "-D", directory,
            "-p", port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=",
            "-c", "max_connections=200",
            "-c", "shared_buffers=32MB",
            "-c", durable ? "fsync=on" : "fsync=off",
        ], PostgresTemplate.User);

    string Connect(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "postgres",
        Database = database,
        Timeout = 5,
        CommandTimeout = 10,
    }.ConnectionString;

    async Task<bool> TryWaitAsync()
    {
        await Eventually.TrueAsync(async () => _process.HasExited || await AnswersAsync(), s_startTimeout);
        return !_process.HasExited;
    }

    async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // The children of a killed postmaster may still write for a moment.
    bool TryDeleteDirectory()
    {
        try
        {
            Directory.Delete(_directory, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
