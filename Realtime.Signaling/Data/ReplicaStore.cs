using Npgsql;

namespace Realtime.Signaling.Data;

/// <summary>The heartbeats of the replicas.</summary>
public sealed class ReplicaStore(Database database, ReplicaIdentity self)
{
    /// <summary>Silence after which a replica counts as dead.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(5);

    int _live;

    /// <summary>Replicas that were heard within the last five seconds, this one included, as of its last heartbeat; 0 before the first.</summary>
    public int Live => Volatile.Read(ref _live);

    public Task BeatAsync(CancellationToken cancellation) => database.RunAsync("replicaBeat", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with beat as (insert into replicas (boot, replica, heartbeat_at) values ($1, $2, now()) on conflict (boot) do update set heartbeat_at = now())
            select 1 + count(*) from replicas where boot <> $1 and heartbeat_at > now() - interval '5 seconds'
            """, connection);
        command.Parameters.Add(new() { Value = self.Boot });
        command.Parameters.Add(new() { Value = self.Name });
        await command.PrepareAsync(token);
        Volatile.Write(ref _live, (int)(long)(await command.ExecuteScalarAsync(token))!);
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
