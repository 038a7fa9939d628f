using Realtime.Contracts;
using Realtime.Signaling.Webhooks;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Data;
using Xunit;

namespace Realtime.Tests.Signaling.Webhooks;

/// <summary>Replicas stop and die while they deliver: what they held goes on elsewhere, and soon.</summary>
public sealed class DeliveryAcrossReplicasTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task What_a_dead_replica_claimed_goes_on_long_before_its_lease_is_over()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        await using var replica = new WebhookReplica(database);
        await replica.AddAsync("a", receiver.Url("a"));
        await replica.SayAsync("c", "one");
        await replica.DispatchAsync();
        Assert.Single(await replica.Deliveries.ClaimAsync(replica.Time.GetUtcNow(), 10, [], default));
        await database.ExecuteAsync("""
            update webhook_deliveries set claimed_by = 'that boot';
            insert into replicas (boot, replica, heartbeat_at) values ('that boot', 'that', now() - interval '9 s')
            """);
        await replica.Sweeper.SweepAsync(default);
        Assert.Equal(DeliveryState.Claimed, Assert.Single(await replica.ListAsync()).State);
        await database.ExecuteAsync("update replicas set heartbeat_at = now() - interval '11 s' where boot = 'that boot'");
        await replica.Sweeper.SweepAsync(default);
        await replica.DeliverAsync();
        var delivered = Assert.Single(await replica.ListAsync());
        Assert.Equal((DeliveryState.Delivered, 2, 1), (delivered.State, delivered.Attempts, delivered.Crashes));
        Assert.Equal([1], Receiver.Seqs(receiver.At("a")));
    }

    [Fact]
    public async Task A_replica_that_dies_after_the_claim_has_used_the_attempt_and_after_three_the_item_is_dead()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        await using var replica = new WebhookReplica(database);
        await replica.AddAsync("a", receiver.Url("a"));
        await replica.SayAsync("c", "what kills us", "next");
        await replica.DispatchAsync();
        for (var crash = 1; crash <= 3; crash++)
        {
            // Claimed and never heard of again, as kill -9 leaves it.
            var claim = Assert.Single(await replica.Deliveries.ClaimAsync(replica.Time.GetUtcNow(), 10, [], default));
            Assert.Equal(crash, claim.Attempts);
            await replica.Sweeper.SweepAsync(default);
            Assert.Empty(await replica.Deliveries.ClaimAsync(replica.Time.GetUtcNow(), 10, [], default));
            replica.Time.Advance(DeliveryRules.Lease + TimeSpan.FromSeconds(1));
            await replica.Sweeper.SweepAsync(default);
            // A late word of the dead claim changes nothing.
            await replica.Deliveries.DeliveredAsync(claim, 200, replica.Time.GetUtcNow());
            var now = (await replica.ListAsync())[0];
            Assert.Equal((crash == 3 ? DeliveryState.Dead : DeliveryState.Pending, crash, crash), (now.State, now.Attempts, now.Crashes));
        }
        await replica.DeliverAsync();
        Assert.Equal([2], Receiver.Seqs(receiver.At("a")));
    }

    [Fact]
    public async Task A_stop_gives_back_what_is_under_way()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        var hanging = new TaskCompletionSource();
        receiver.Answer = async (_, http) =>
        {
            await hanging.Task.WaitAsync(http.RequestAborted);
            return 204;
        };
        await using (var replica = new WebhookReplica(database))
        {
            await replica.AddAsync("a", receiver.Url("a"));
            await replica.SayAsync("c", "one");
            await replica.DispatchAsync();
            Assert.Equal(1, await replica.Worker.TurnAsync(default));
            await Eventually.TrueAsync(() => receiver.Calls.Count == 1);
        }
        hanging.SetResult();
        await using var next = new WebhookReplica(database);
        Assert.Equal((DeliveryState.Pending, 0), ((await next.ListAsync())[0].State, (await next.ListAsync())[0].Attempts));
        await next.DeliverAsync();
        Assert.Equal(2, receiver.Calls.Count);
        Assert.Single(receiver.Calls.Select(static call => call.Id).Distinct());
    }
}
