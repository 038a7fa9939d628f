using Npgsql;
using NpgsqlTypes;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Data;

/// <summary>Placements in Postgres. A move tells every replica through the outbox, whatever else it hears of it.</summary>
public sealed class PlacementStore(Database database) : IPlacementStore
{
    const string Columns = "room, node, epoch, process";

    public Task<PlacedRoom?> GetAsync(string room, CancellationToken cancellation) => database.RunAsync("placementRead", (connection, token) => ReadAsync(connection, room, token), cancellation);

    public Task<PlacedRoom> CompareAndSetAsync(string room, long? expectedEpoch, NodeProcess node, CancellationToken cancellation) => database.RunAsync("placementSet", async (connection, token) =>
    {
        await using var command = expectedEpoch is { } epoch
            ? new NpgsqlCommand(
                $"""
                with moved as (
                    update placements set node = $2, process = $3, epoch = epoch + 1, changed_at = now() where room = $1 and epoch = $4 returning {Columns}),
                told as (insert into outbox (kind, key, epoch) select '{OutboxKind.Placement}', room, epoch from moved)
                select {Columns} from moved
                """, connection)
            {
                Parameters = { new() { Value = room }, new() { Value = node.Node }, new() { Value = Process(node) }, new() { Value = epoch } },
            }
            : new NpgsqlCommand($"insert into placements (room, node, process, epoch) values ($1, $2, $3, 1) on conflict (room) do nothing returning {Columns}", connection)
            {
                Parameters = { new() { Value = room }, new() { Value = node.Node }, new() { Value = Process(node) } },
            };
        if (await ReadOneAsync(command, token) is { } set)
            return set;
        return await ReadAsync(connection, room, token) ?? throw new InvalidOperationException($"The placement of a room that was just there is gone (expected epoch {expectedEpoch}).");
    }, cancellation);

    public Task<IReadOnlyDictionary<string, long>> EpochsAsync(IReadOnlyCollection<string> rooms, CancellationToken cancellation) => database.RunAsync("placementEpochs", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select room, epoch from placements where room = any($1)", connection);
        command.Parameters.Add(new() { Value = rooms.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        var epochs = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            epochs[reader.GetString(0)] = reader.GetInt64(1);
        return (IReadOnlyDictionary<string, long>)epochs;
    }, cancellation);

    static async Task<PlacedRoom?> ReadAsync(NpgsqlConnection connection, string room, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {Columns} from placements where room = $1", connection);
        command.Parameters.Add(new() { Value = room });
        return await ReadOneAsync(command, cancellation);
    }

    static async Task<PlacedRoom?> ReadOneAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        var placement = new Placement(reader.GetString(0), reader.GetString(1), reader.GetInt64(2));
        return new PlacedRoom(placement, reader.IsDBNull(3) ? null : BootOf(placement.Node, reader.GetString(3)));
    }

    // With the node's name: a replica of the version before moves a room without touching the column, and then it speaks of another node.
    static string Process(NodeProcess node) => $"{node.Node}/{node.Boot}";

    static string? BootOf(string node, string process) => process.StartsWith(node + "/", StringComparison.Ordinal) ? process[(node.Length + 1)..] : null;
}
