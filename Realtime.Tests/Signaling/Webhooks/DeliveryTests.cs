using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Webhooks;
using Realtime.Tests.CrashSafety;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Data;
using Xunit;

namespace Realtime.Tests.Signaling.Webhooks;

/// <summary>From the commit of a message to its receiver, over everything that can go wrong on the way, on a real Postgres and manual time.</summary>
public sealed class DeliveryTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Events_arrive_in_order_signed_once_each_and_only_where_they_are_wanted()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        await using var replica = new WebhookReplica(database);
        await replica.SayAsync("c", "before there was a webhook");
        replica.Time.Advance(TimeSpan.FromSeconds(1));
        var secret = await replica.AddAsync("all", receiver.Url("all"));
        await replica.AddAsync("edits", receiver.Url("edits"), kinds: ["message.updated"]);
        await replica.AddAsync("other", receiver.Url("other"), channels: ["team-*"]);
        await replica.SayAsync("c", "one", "two");
        await replica.SayAsync("team-a", "three");
        await replica.DispatchAsync();
        var edited = (await replica.Messages.ReadAfterAsync("c", 1, 1, default))[0];
        await new MessageChangeStore(database.Database).ChangeAsync(new MessageChange("c", MessageChangeKind.Updated, edited.Id, "ann", replica.Time.GetUtcNow(), Text: "one!"));
        await replica.RunAsync();
        await replica.RunAsync();

        var all = receiver.At("all");
        Assert.Equal([2, 3, 4], Receiver.Seqs(all.Where(static call => call.Body.Contains("\"c\"", StringComparison.Ordinal))));
        Assert.Equal(4, all.Select(static call => call.Id).Distinct().Count());
        Assert.Equal([4], Receiver.Seqs(receiver.At("edits")));
        Assert.Equal([1], Receiver.Seqs(receiver.At("other")));
        Assert.True(StandardWebhook.TryReadSecret(secret, out var key));
        Assert.All(all, call => Assert.Equal(
            StandardWebhook.Sign([key], call.Id, DateTimeOffset.FromUnixTimeSeconds(long.Parse(call.Timestamp)), System.Text.Encoding.UTF8.GetBytes(call.Body)), call.Signature));
        Assert.All(await replica.ListAsync(), static one => Assert.Equal((DeliveryState.Delivered, 1, 204), (one.State, one.Attempts, one.Status)));
    }

    [Fact]
    public async Task Two_replicas_and_a_thousand_events_make_each_delivery_once()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        var time = new ManualTime();
        await using var one = new WebhookReplica(database, time);
        await using var two = new WebhookReplica(database, time);
        await one.AddAsync("a", receiver.Url("a"));
        await one.AddAsync("b", receiver.Url("b"));
        for (var i = 0; i < 20; i++)
            await one.SayAsync($"c{i % 4}", [.. Enumerable.Range(0, 10).Select(n => $"{i} {n}")]);
        await Task.WhenAll(one.DispatchAsync(), two.DispatchAsync());
        Assert.Equal(400, (await one.ListAsync()).Count);
        while ((await one.ListAsync(DeliveryState.Pending)).Count > 0)
            await Task.WhenAll(one.DeliverAsync(), two.DeliverAsync());
        foreach (var path in new[] { "a", "b" })
        {
            var calls = receiver.At(path);
            Assert.Equal((200, 200), (calls.Count, calls.Select(static call => call.Id).Distinct().Count()));
            for (var c = 0; c < 4; c++)
                Assert.Equal(Enumerable.Range(1, 50), Receiver.Seqs(calls.Where(call => call.Body.Contains($"\"c{c}\"", StringComparison.Ordinal))));
        }
    }

    [Fact]
    public async Task A_failing_endpoint_is_tried_eight_times_then_the_item_is_dead_and_the_next_one_goes()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        await using var replica = new WebhookReplica(database);
        receiver.Answer = (_, _) => Task.FromResult(receiver.Calls.Last().Body.Contains("poison", StringComparison.Ordinal) ? 500 : 204);
        await replica.AddAsync("a", receiver.Url("a"));
        await replica.SayAsync("c", "poison", "after it");
        await replica.RunAsync();
        for (var attempts = 1; attempts < 8; attempts++)
        {
            Assert.Equal(Enumerable.Repeat(1, attempts), Receiver.Seqs(receiver.At("a")));
            var waiting = await replica.ListAsync(DeliveryState.Pending);
            Assert.Equal((attempts, 500, "answered 500"), (waiting[0].Attempts, waiting[0].Status, waiting[0].Error));
            var pause = waiting[0].NextAt!.Value - replica.Time.GetUtcNow();
            Assert.InRange(pause, DeliveryRules.PauseAfter(attempts, 0) - TimeSpan.FromMilliseconds(1), DeliveryRules.PauseAfter(attempts, 1));
            // Not a moment before.
            replica.Time.Advance(pause - TimeSpan.FromMilliseconds(100));
            await replica.DeliverAsync();
            Assert.Equal(attempts, receiver.At("a").Count);
            replica.Time.Advance(TimeSpan.FromMinutes(2));
            await replica.DeliverAsync();
        }
        // The endpoint's circuit is open by now; its first test call is the next item.
        replica.Time.Advance(TimeSpan.FromSeconds(31));
        await replica.DeliverAsync();
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 2], Receiver.Seqs(receiver.At("a")));
        var dead = Assert.Single(await replica.ListAsync(DeliveryState.Dead));
        Assert.Equal((8, 0), (dead.Attempts, dead.Crashes));

        // The receiver is repaired; the dead letter is replayed.
        receiver.Answer = static (_, _) => Task.FromResult(200);
        Assert.Equal(1, await replica.Records.ReplayAsync("a", null, replica.Time.GetUtcNow(), default));
        await replica.DeliverAsync();
        Assert.Equal(1, Receiver.Seqs(receiver.At("a"))[^1]);
        Assert.Equal(receiver.At("a")[0].Id, receiver.At("a")[^1].Id);
        Assert.Equal(0, await replica.Records.ReplayAsync(null, dead.Id, replica.Time.GetUtcNow(), default));
    }

    [Fact]
    public async Task A_channel_that_cannot_be_read_does_not_keep_the_others_events_for_ever()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        await using var replica = new WebhookReplica(database);
        await replica.AddAsync("a", receiver.Url("a"));
        await replica.SayAsync("poison", "x");
        await replica.SayAsync("c", "one", "two");
        await database.ExecuteAsync("update messages set payload = '\"no extras\"'::json where channel = 'poison'");
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var turn = replica.Dispatcher.TurnAsync(default);
            await Eventually.TrueAsync(() =>
            {
                replica.Time.Advance(TimeSpan.FromSeconds(1));
                return turn.IsCompleted;
            });
            Assert.True(await turn);
        }
        await replica.RunAsync();
        Assert.Equal([1, 2], Receiver.Seqs(receiver.At("a")));
    }

    [Fact]
    public async Task An_endpoint_that_hangs_holds_up_nobody_else_and_is_given_up_after_ten_seconds()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        await using var replica = new WebhookReplica(database);
        var hanging = new TaskCompletionSource();
        receiver.Answer = async (path, http) =>
        {
            if (path == "hangs")
                await hanging.Task.WaitAsync(http.RequestAborted);
            return 204;
        };
        await replica.AddAsync("hangs", receiver.Url("hangs"));
        await replica.AddAsync("works", receiver.Url("works"));
        await replica.SayAsync("c", [.. Enumerable.Range(0, 10).Select(static i => $"{i}")]);
        await replica.DispatchAsync();
        while (receiver.At("works").Count < 10)
        {
            await replica.Worker.TurnAsync(default);
            await Eventually.TrueAsync(async () => (await replica.ListAsync(DeliveryState.Claimed, "works")).Count == 0);
        }
        Assert.Single(receiver.At("hangs"));
        Assert.Equal(1, (await replica.ListAsync(DeliveryState.Claimed, "hangs"))[0].Attempts);
        replica.Time.Advance(TimeSpan.FromSeconds(10));
        await replica.Worker.IdleAsync().WaitAsync(ManualTime.Patience);
        Assert.Equal("no answer in time", (await replica.ListAsync(DeliveryState.Pending, "hangs"))[0].Error);
        hanging.SetResult();
    }

    [Fact]
    public async Task What_answers_410_is_disabled_and_what_redirects_is_not_followed()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        await using var replica = new WebhookReplica(database);
        receiver.Answer = (path, http) =>
        {
            http.Response.Headers.Location = receiver.Url("elsewhere");
            return Task.FromResult(path == "gone" ? 410 : 307);
        };
        await replica.AddAsync("gone", receiver.Url("gone"));
        await replica.AddAsync("moved", receiver.Url("moved"));
        await replica.SayAsync("c", "one", "two");
        await replica.RunAsync();
        Assert.Equal((false, "gone"), ((await replica.Endpoints.InfoAsync("gone", default))!.Enabled, (await replica.Endpoints.InfoAsync("gone", default))!.DisabledBecause));
        Assert.Single(receiver.At("gone"));
        Assert.Empty(receiver.At("elsewhere"));
        Assert.Equal(307, (await replica.ListAsync(DeliveryState.Pending, "moved"))[0].Status);
        // Enabled again it goes on with what was waiting.
        receiver.Answer = static (_, _) => Task.FromResult(204);
        await replica.Endpoints.ChangeAsync("gone", new WebhookRequest(Enabled: true), default);
        await replica.DeliverAsync();
        Assert.Equal([1, 2], Receiver.Seqs(receiver.At("gone")));
    }

    [Fact]
    public async Task Addresses_are_looked_at_when_connecting_and_nobody_is_called_that_should_not_be()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        await using var replica = new WebhookReplica(database, configure: static options => options.AllowedNetworks = "10.99.0.0/16");
        await replica.AddAsync("number", receiver.Url("a"));
        await replica.AddAsync("name", receiver.Url("a").Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        await replica.SayAsync("c", "one");
        await replica.RunAsync();
        Assert.Empty(receiver.Calls);
        Assert.All(await replica.ListAsync(), static one => Assert.Equal((DeliveryState.Pending, "address refused", 1), (one.State, one.Error, one.Attempts)));
    }

    [Fact]
    public async Task A_circuit_opens_for_its_endpoint_alone_and_spends_no_attempts_meanwhile()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        await using var replica = new WebhookReplica(database, configure: static options => options.MaxAttempts = 1);
        receiver.Answer = static (path, _) => Task.FromResult(path == "bad" ? 503 : 204);
        await replica.AddAsync("bad", receiver.Url("bad"));
        await replica.AddAsync("good", receiver.Url("good"));
        await replica.SayAsync("c", [.. Enumerable.Range(0, 8).Select(static i => $"{i}")]);
        await replica.RunAsync();
        Assert.Equal((5, 8), (receiver.At("bad").Count, receiver.At("good").Count));
        Assert.Equal(3, (await replica.ListAsync(DeliveryState.Pending, "bad")).Count(static one => one.Attempts == 0));
        Assert.Equal("open", Assert.Single(replica.Circuits.Snapshot(), static circuit => circuit.Name == "webhook:bad").State);
        receiver.Answer = static (_, _) => Task.FromResult(204);
        replica.Time.Advance(TimeSpan.FromSeconds(31));
        await replica.DeliverAsync();
        Assert.Equal(8, receiver.At("bad").Count);
    }

    [Fact]
    public async Task Rotated_secrets_both_sign_old_records_go_and_a_full_backlog_disables()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var receiver = await Receiver.StartAsync();
        await using var replica = new WebhookReplica(database, configure: static options => options.MaxWaiting = 3);
        await replica.AddAsync("a", receiver.Url("a"));
        var seen = (await replica.Endpoints.FindAsync("a", default))!.Secrets;
        Assert.True(await replica.Endpoints.SetSecretsAsync("a", seen, [replica.Secrets.Close(StandardWebhook.NewSecret(), "a"), .. seen], default));
        Assert.False(await replica.Endpoints.SetSecretsAsync("a", seen, [], default));
        await replica.SayAsync("c", "one");
        await replica.RunAsync();
        Assert.Equal(2, receiver.At("a")[0].Signature.Split(' ').Length);
        // Protection:Secret rotates: what is under the old one is closed anew, and works on.
        var rotated = new SecretBox(Microsoft.Extensions.Options.Options.Create(new ProtectionOptions { Secret = new string('n', 32), PreviousSecret = new string('s', 32) }));
        using (var renewal = new SecretRenewal(replica.Endpoints, rotated, null!, replica.Supervisor))
            Assert.Equal((1, 0), (await renewal.RenewAsync(default), await renewal.RenewAsync(default)));
        Assert.All((await replica.Endpoints.FindAsync("a", default))!.Secrets, closed => Assert.True(rotated.TryOpen(closed, "a", out _, out var isOld) && !isOld));
        Assert.Null(await PayloadAsync(database));

        await replica.SayAsync("c", "2", "3", "4", "5");
        await replica.DispatchAsync();
        await replica.Sweeper.SweepAsync(default);
        Assert.Equal("backlog", (await replica.Endpoints.InfoAsync("a", default))!.DisabledBecause);
        replica.Time.Advance(TimeSpan.FromDays(8));
        await replica.Sweeper.SweepAsync(default);
        Assert.Equal(4, (await replica.ListAsync()).Count);
        replica.Time.Advance(TimeSpan.FromDays(23));
        await replica.Sweeper.SweepAsync(default);
        Assert.Empty(await replica.ListAsync());
    }

    static async Task<string?> PayloadAsync(TestDatabase database)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select payload from webhook_deliveries", connection);
        return await command.ExecuteScalarAsync() as string;
    }
}
