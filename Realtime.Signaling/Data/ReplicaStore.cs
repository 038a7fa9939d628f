using Npgsql;

namespace Realtime.Signaling.Data;

/// <summary>The heartbeats of the replicas.</summary>
public sealed class ReplicaStore(Database database, ReplicaIdentity self)
{
    /// <summary>Silence after which a replica counts as dead.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(5);

    /// <summary>More than this are never listed.</summary>
    const int MaxListed = 100;

    volatile IReadOnlyList<ReplicaPeer> _peers = [];
    int _live;

    /// <summary>Replicas that were heard within the last five seconds, this one included, as of its last heartbeat; 0 before the first.</summary>
    public int Live => Volatile.Read(ref _live);

    /// <summary>The other ones of these. What was known when Postgres went away stays.</summary>
    public IReadOnlyList<ReplicaPeer> Peers => _peers;

    public Task BeatAsync(CancellationToken cancellation) => database.RunAsync("replicaBeat", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            with beat as (
                insert into replicas (boot, replica, address, heartbeat_at) values ($1, $2, $3, now()) on conflict (boot) do update set heartbeat_at = now(), address = excluded.address)
            select replica, address from replicas where boot <> $1 and heartbeat_at > now() - interval '5 seconds' order by heartbeat_at desc limit {MaxListed}
            """, connection);
        command.Parameters.Add(new() { Value = self.Boot });
        command.Parameters.Add(new() { Value = self.Name });
        command.Parameters.Add(SqlText.Of(self.Address));
        await command.PrepareAsync(token);
        var peers = new List<ReplicaPeer>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            peers.Add(new ReplicaPeer(reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1)));
        _peers = peers;
        Volatile.Write(ref _live, 1 + peers.Count);
    }, cancellation);

    /// <summary>The boots of the replicas that were heard within the last five seconds.</summary>
    public Task<HashSet<string>> LiveBootsAsync(CancellationToken cancellation) => database.RunAsync("replicasLive", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand("select boot from replicas where heartbeat_at > now() - interval '5 seconds'", connection);
        await command.PrepareAsync(token);
        var boots = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
            boots.Add(reader.GetString(0));
        return boots;
    }, cancellation);

    /// <summary>Forgets boots that ended long ago and hold nothing any more.</summary>
    public Task TrimAsync(CancellationToken cancellation) => database.RunAsync("replicaTrim", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            "delete from replicas r where heartbeat_at < now() - interval '1 hour' and not exists (select from sessions s where s.boot = r.boot)", connection);
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);
}

/// <param name="Address">Where it is reached by other replicas; null: unknown.</param>
public sealed record ReplicaPeer(string Name, string? Address);
