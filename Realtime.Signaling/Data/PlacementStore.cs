using Npgsql;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Data;

/// <summary>Placements in Postgres.</summary>
public sealed class PlacementStore(Database database) : IPlacementStore
{
    public Task<Placement?> GetAsync(string room, CancellationToken cancellation) => database.RunAsync("placementRead", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select room, node, epoch from placements where room = $1", connection);
        command.Parameters.Add(new() { Value = room });
        return await ReadOneAsync(command, token);
    }, cancellation);

    public Task<Placement> CompareAndSetAsync(string room, long? expectedEpoch, string node, CancellationToken cancellation) => database.RunAsync("placementSet", async (connection, token) =>
    {
        await using var command = expectedEpoch is { } epoch
            ? new NpgsqlCommand("update placements set node = $2, epoch = epoch + 1, changed_at = now() where room = $1 and epoch = $3 returning room, node, epoch", connection)
            {
                Parameters = { new() { Value = room }, new() { Value = node }, new() { Value = epoch } },
            }
            : new NpgsqlCommand("insert into placements (room, node, epoch) values ($1, $2, 1) on conflict (room) do nothing returning room, node, epoch", connection)
            {
                Parameters = { new() { Value = room }, new() { Value = node } },
            };
        if (await ReadOneAsync(command, token) is { } set)
            return set;
        await using var again = new NpgsqlCommand("select room, node, epoch from placements where room = $1", connection);
        again.Parameters.Add(new() { Value = room });
        return await ReadOneAsync(again, token) ?? throw new InvalidOperationException($"The placement of a room that was just there is gone (expected epoch {expectedEpoch}).");
    }, cancellation);

    static async Task<Placement?> ReadOneAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? new Placement(reader.GetString(0), reader.GetString(1), reader.GetInt64(2)) : null;
    }
}
