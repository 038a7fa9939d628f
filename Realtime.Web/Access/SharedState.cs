using System.Globalization;
using Npgsql;

namespace Realtime.Web.Access;

/// <summary>
/// What the replicas of the console share: rows of <c>console_state</c> in Postgres, when <c>ConnectionStrings:realtimedb</c> is there. A call takes two seconds at most and fails with an
/// <see cref="NpgsqlException"/>; callers go on with what they know. Few and small: accounts (one row) and keys (one in 90 days).
/// </summary>
sealed class SharedState : IDisposable
{
    public const string ConnectionName = "realtimedb";

    const int TimeoutSeconds = 2;
    const int MaxRows = 1000;

    readonly NpgsqlDataSource? _source;

    public SharedState(IConfiguration configuration)
    {
        if (configuration.GetConnectionString(ConnectionName) is not { Length: > 0 } connection)
            return;
        var settings = new NpgsqlConnectionStringBuilder(connection) { ApplicationName = "realtime-web", MaxPoolSize = 2, MinPoolSize = 0, Timeout = TimeoutSeconds, CommandTimeout = TimeoutSeconds };
        _source = new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    public bool IsConfigured => _source is not null;

    /// <summary>Rows of a kind, the newest 1000.</summary>
    /// <exception cref="NpgsqlException">Postgres is away, or its schema is not there yet.</exception>
    public IReadOnlyList<SharedRow> Read(string kind)
    {
        using var command = Source.CreateCommand($"select name, content, version from console_state where kind = $1 order by changed_at desc limit {MaxRows.ToString(CultureInfo.InvariantCulture)}");
        command.Parameters.Add(new NpgsqlParameter { Value = kind });
        using var reader = command.ExecuteReader();
        var rows = new List<SharedRow>();
        while (reader.Read())
            rows.Add(new SharedRow(reader.GetString(0), reader.GetString(1), reader.GetInt64(2)));
        return rows;
    }

    /// <param name="expected">The version that is replaced; 0: there is none.</param>
    /// <returns>False: somebody else was faster.</returns>
    /// <exception cref="NpgsqlException">Postgres is away, or its schema is not there yet.</exception>
    public bool Write(string kind, string name, string content, long expected)
    {
        using var command = Source.CreateCommand(expected == 0
            ? "insert into console_state (kind, name, content, version) values ($1, $2, $3, $4 + 1) on conflict do nothing"
            : "update console_state set content = $3, version = $4 + 1, changed_at = now() where kind = $1 and name = $2 and version = $4");
        command.Parameters.Add(new NpgsqlParameter { Value = kind });
        command.Parameters.Add(new NpgsqlParameter { Value = name });
        command.Parameters.Add(new NpgsqlParameter { Value = content });
        command.Parameters.Add(new NpgsqlParameter { Value = expected });
        return command.ExecuteNonQuery() == 1;
    }

    public void Dispose() => _source?.Dispose();

    NpgsqlDataSource Source => _source ?? throw new InvalidOperationException($"ConnectionStrings:{ConnectionName} is not set.");
}

/// <param name="Version">1, 2, 3 … with each change.</param>
sealed record SharedRow(string Name, string Content, long Version);
