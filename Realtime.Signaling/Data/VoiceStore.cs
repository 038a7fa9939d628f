using Npgsql;
using NpgsqlTypes;

namespace Realtime.Signaling.Data;

/// <summary>Who answers for participants: for <c>VoiceSweeper</c>.</summary>
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

    static NpgsqlParameter Texts(IReadOnlyCollection<string> texts) => new() { Value = texts.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
