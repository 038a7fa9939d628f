using Npgsql;
using NpgsqlTypes;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Webhooks;

/// <summary>
/// Claims and their results. Only the oldest open delivery of an endpoint can be claimed, so there is one under way per endpoint and their order is kept; the attempt is counted by the
/// claim itself, before anything is sent. A result counts only while its claim stands. Times are the caller's: leases are much longer than clocks differ.
/// </summary>
public sealed class DeliveryStore(Database database, ReplicaIdentity self)
{
    /// <summary>Twice what a replica's silence may last; a delivery of a dead one goes on within 20 s.</summary>
    public static readonly TimeSpan DeadAfter = 2 * ReplicaStore.DeadAfter;

    /// <param name="except">Endpoints whose circuit is open here.</param>
    public Task<List<ClaimedDelivery>> ClaimAsync(DateTimeOffset now, int most, IReadOnlyCollection<string> except, CancellationToken cancellation) => database.RunAsync("deliveryClaim", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with due as (
                select e.id as endpoint, e.url, e.secrets, head.id
                from webhook_endpoints e
                cross join lateral (
                    select d.id, d.state, d.next_at from webhook_deliveries d
                    where d.endpoint = e.id and d.state in ('pending', 'claimed') order by d.id limit 1) head
                where e.enabled and head.state = 'pending' and head.next_at <= $1 and e.id <> all($4)
                    -- A replayed delivery is older than the one that may be under way.
                    and not exists (select from webhook_deliveries c where c.endpoint = e.id and c.state = 'claimed')
                order by head.next_at limit $2
                for update of e skip locked)
            update webhook_deliveries d
            set state = 'claimed', attempts = d.attempts + 1, claim = d.claim + 1, claimed_by = $3, lease_ends = $1 + $5
            from due where d.id = due.id and d.state = 'pending'
            returning d.id, d.claim, due.endpoint, due.url, due.secrets, d.event, d.payload, d.attempts
            """, connection);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = most });
        command.Parameters.Add(new() { Value = self.Boot });
        command.Parameters.Add(new() { Value = except.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = DeliveryRules.Lease });
        var claimed = new List<ClaimedDelivery>();
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            claimed.Add(new ClaimedDelivery(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetFieldValue<string[]>(4), reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetString(6), reader.GetInt32(7)));
        }
        return claimed;
    }, cancellation);

    /// <summary>The payload has done its work and goes: less of people's messages lies about.</summary>
    public Task DeliveredAsync(ClaimedDelivery delivery, int? status, DateTimeOffset now) => EndAsync(
        delivery, "state = 'delivered', payload = null, status = $3, error = null, finished_at = $4", command =>
        {
            command.Parameters.Add(Number(status));
            command.Parameters.Add(new() { Value = now });
        });

    public Task RetryAsync(ClaimedDelivery delivery, DeliveryOutcome outcome, DateTimeOffset nextAt) => EndAsync(
        delivery, "state = 'pending', status = $3, error = $4, next_at = $5", command =>
        {
            command.Parameters.Add(Number(outcome.Status));
            command.Parameters.Add(Text(outcome.Error));
            command.Parameters.Add(new() { Value = nextAt });
        });

    /// <summary>To the dead letter.</summary>
    public Task BuryAsync(ClaimedDelivery delivery, DeliveryOutcome outcome, DateTimeOffset now) => EndAsync(
        delivery, "state = 'dead', status = $3, error = $4, finished_at = $5", command =>
        {
            command.Parameters.Add(Number(outcome.Status));
            command.Parameters.Add(Text(outcome.Error));
            command.Parameters.Add(new() { Value = now });
        });

    /// <summary>Back as if it had not been claimed: nothing was sent, or we broke it off.</summary>
    public Task ReleaseAsync(ClaimedDelivery delivery) => EndAsync(delivery, "state = 'pending', attempts = greatest(0, attempts - 1)", static _ => { });

    /// <summary>Claims whose lease is over, or whose replica has not been heard of for <see cref="DeadAfter"/>: their process died, or hung. Back to pending, or dead when that has happened too often.</summary>
    /// <returns>How many came back, and how many are dead now.</returns>
    public Task<(int Released, int Dead)> RecoverAsync(DateTimeOffset now, int maxAttempts, int maxCrashes, CancellationToken cancellation) => database.RunAsync("deliveryRecover", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            """
            with gone as materialized (
                select r.boot from replicas r where r.boot in (select claimed_by from webhook_deliveries where state = 'claimed') and r.heartbeat_at < now() - $4::interval),
            stuck as (
                select id from webhook_deliveries where state = 'claimed' and (lease_ends < $1 or claimed_by in (select boot from gone)) order by lease_ends limit 1000 for update skip locked)
            update webhook_deliveries d set
                crashes = d.crashes + 1,
                state = case when d.crashes + 1 >= $3 or d.attempts >= $2 then 'dead' else 'pending' end,
                finished_at = case when d.crashes + 1 >= $3 or d.attempts >= $2 then $1 end,
                next_at = $1, status = null, error = 'the attempt ended without a result'
            from stuck where d.id = stuck.id returning d.state
            """, connection);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = maxAttempts });
        command.Parameters.Add(new() { Value = maxCrashes });
        command.Parameters.Add(new() { Value = DeadAfter });
        var (released, dead) = (0, 0);
        await using var reader = await command.ExecuteReaderAsync(token);
        while (await reader.ReadAsync(token))
        {
            if (reader.GetString(0) == "dead")
                dead++;
            else
                released++;
        }
        return (released, dead);
    }, cancellation);

    /// <summary>A claim that was taken over meanwhile changes nothing.</summary>
    Task EndAsync(ClaimedDelivery delivery, string change, Action<NpgsqlCommand> parameters) => database.RunAsync("deliveryEnd", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(
            $"update webhook_deliveries set {change}, lease_ends = null, claimed_by = null where id = $1 and claim = $2 and state = 'claimed'", connection);
        command.Parameters.Add(new() { Value = delivery.Id });
        command.Parameters.Add(new() { Value = delivery.Claim });
        parameters(command);
        await command.ExecuteNonQueryAsync(token);
    }, CancellationToken.None);

    static NpgsqlParameter Number(int? number) => new() { Value = (object?)number ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer };

    static NpgsqlParameter Text(string? text) => new() { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
