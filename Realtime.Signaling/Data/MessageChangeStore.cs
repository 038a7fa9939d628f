using Npgsql;
using NpgsqlTypes;

namespace Realtime.Signaling.Data;

/// <summary>Changes messages in Postgres, in the channel's order.</summary>
public sealed class MessageChangeStore(Database database)
{
    /// <summary>Not cancellable: what was sent is to be known. A retry finds it done and is answered with the same place.</summary>
    public Task<Changed> ChangeAsync(MessageChange change) => database.RunAsync("change", async (connection, cancellation) =>
    {
        await using var command = new NpgsqlCommand("select outcome, change_seq, channel_epoch, of_seq, of_author from change_checked($1, $2, $3, $4, $5, $6, $7, $8)", connection);
        command.Parameters.Add(new() { Value = change.Channel });
        command.Parameters.Add(new() { Value = change.Kind });
        command.Parameters.Add(new() { Value = change.Id });
        command.Parameters.Add(new() { Value = change.Actor });
        command.Parameters.Add(new() { Value = change.AsModerator });
        command.Parameters.Add(Text(change.Text));
        command.Parameters.Add(Text(change.Reason));
        command.Parameters.Add(new() { Value = change.At.UtcDateTime });
        await command.PrepareAsync(cancellation);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var outcome = Enum.Parse<ChangeOutcome>(reader.GetString(0), ignoreCase: true);
        return reader.IsDBNull(3) ? new Changed(outcome, 0, 0, 0, null) : new Changed(outcome, reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetString(4));
    }, CancellationToken.None);

    static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
