using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Npgsql;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Signaling.Data;

/// <summary>A real Postgres for the tests of one class, and databases with our schema in it.</summary>
public sealed class PostgresFixture : Xunit.IAsyncLifetime
{
    PostgresServer? _server;

    public PostgresServer Server => _server ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartAsync();

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;
}

/// <summary>One database with the schema, as one replica uses it.</summary>
sealed class TestDatabase : IAsyncDisposable
{
    TestDatabase(string connectionString)
    {
        ConnectionString = connectionString;
        Configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [$"ConnectionStrings:{Database.ConnectionName}"] = connectionString }).Build();
        Database = new Database(Configuration, Options.Create(new DatabaseOptions()), new CircuitRegistry(TimeProvider.System));
    }

    public string ConnectionString { get; }
    public IConfiguration Configuration { get; }
    public Database Database { get; }

    public static async Task<TestDatabase> CreateAsync(PostgresServer server)
    {
        var database = new TestDatabase(await server.CreateDatabaseAsync());
        await using var context = database.NewContext();
        await context.Database.MigrateAsync();
        return database;
    }

    public RealtimeDbContext NewContext() => new(new DbContextOptionsBuilder<RealtimeDbContext>().UseNpgsql(ConnectionString)
        .ConfigureWarnings(static warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning)).Options);

    /// <summary>Another replica of the same database.</summary>
    public SessionStore NewReplica(out ReplicaIdentity identity) => new(Database, identity = new ReplicaIdentity(Configuration));

    /// <summary>What a test needs to see or to break.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync() ?? throw new InvalidOperationException($"Nothing: {sql}"));
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
