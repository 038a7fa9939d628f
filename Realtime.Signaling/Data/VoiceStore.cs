using Npgsql;
using NpgsqlTypes;

namespace Realtime.Signaling.Data;

/// <summary>Who answers for participants, and where rooms are: for <c>VoiceSweeper</c>.</summary>
public sealed class VoiceStore(Database database)
{
    /// <summary>Of the given participants those that a session has in its row.</summary>
    public Task<HashSet<string>> ClaimedAsync(IReadOnlyCollection<string> participants, CancellationToken cancellation) => database.RunAsync("voiceClaims", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select r ->> 'participant' from sessions, json_array_elements(rooms) r where r ->> 'participant' = any($1)", connection);
        command.Parameters.Add(Texts(participants));
        var claimed = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            claimed.Add(reader.GetString(0));
        return claimed;
    }, cancellation);

    public Task<Dictionary<string, long>> EpochsAsync(IReadOnlyCollection<string> rooms, CancellationToken cancellation) => database.RunAsync("voiceEpochs", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select room, epoch from placements where room = any($1)", connection);
        command.Parameters.Add(Texts(rooms));
        var epochs = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            epochs[reader.GetString(0)] = reader.GetInt64(1);
        return epochs;
    }, cancellation);

    static NpgsqlParameter Texts(IReadOnlyCollection<string> texts) => new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
