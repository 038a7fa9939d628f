using Npgsql;
using NpgsqlTypes;

namespace Realtime.Signaling.Data;

/// <summary>Text parameters that may be null: Postgres must be told the type of a null.</summary>
static class SqlText
{
    public static NpgsqlParameter Of(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter Many(IEnumerable<string?> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    public static NpgsqlParameter Time(DateTimeOffset? value) => new() { Value = (object?)value?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
