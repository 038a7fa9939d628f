using Npgsql;

namespace Realtime.Signaling.Data;

/// <summary>The heartbeats of the replicas.</summary>
public sealed class ReplicaStore(Database database, ReplicaIdentity self)
{
    public Task BeatAsync(CancellationToken cancellation) => database.RunAsync("replicaBeat", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            "insert into replicas (boot, replica, heartbeat_at) values ($1, $2, now()) on conflict (boot) do update set heartbeat_at = now()", connection);
        command.Parameters.Add(new() { Value = self.Boot });
        command.Parameters.Add(new() { Value = self.Name });
        await command.PrepareAsync(token);
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);

    /// <summary>Forgets boots that ended long ago and hold nothing any more.</summary>
    public Task TrimAsync(CancellationToken cancellation) => database.RunAsync("replicaTrim", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            "delete from replicas r where heartbeat_at < now() - interval '1 hour' and not exists (select from sessions s where s.boot = r.boot)", connection);
        await command.ExecuteNonQueryAsync(token);
    }, cancellation);
}
