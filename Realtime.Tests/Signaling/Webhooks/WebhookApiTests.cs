using System.Net;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Attachments;
using Xunit;

namespace Realtime.Tests.Signaling.Webhooks;

[Collection("Deliveries")]
public sealed class WebhookApiTests(DeliveriesServer server)
{
    [Fact]
    public async Task An_operator_makes_tests_rotates_and_deletes_a_webhook_and_sees_its_deliveries()
    {
        await using var receiver = await Receiver.StartAsync();
        var made = await DeliveriesServer.ReadAsync<WebhookSecret>(await server.AsAdminAsync(HttpMethod.Post, "/api/webhooks", new WebhookRequest(receiver.Url("hook"), Channels: ["hooked"])));
        var id = made.Webhook.Id;
        Assert.StartsWith("whsec_", made.Secret);
        var listed = await (await server.AsAdminAsync(HttpMethod.Get, "/api/webhooks?limit=100", replica: 1)).Content.ReadAsStringAsync();
        Assert.Contains(id, listed);
        Assert.DoesNotContain("whsec_", listed);

        Assert.Equal(HttpStatusCode.Accepted, (await server.AsAdminAsync(HttpMethod.Post, $"/api/webhooks/{id}/test")).StatusCode);
        await using var ann = await server.ConnectAsync("hook-ann");
        await ann.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        await ann.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest("hooked", "m1", "to the hook"));
        await ann.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest("unhooked", "m1", "not to the hook"));
        await Eventually.TrueAsync(() => receiver.Calls.Count == 2);
        Assert.Equal(["webhook.ping", "message.created"], receiver.Calls.Select(static call => System.Text.Json.JsonDocument.Parse(call.Body).RootElement.GetProperty("type").GetString()).Order().Reverse());

        await Eventually.TrueAsync(async () =>
            (await DeliveriesServer.ReadAsync<DeliveryInfo[]>(await server.AsAdminAsync(HttpMethod.Get, $"/api/deliveries?endpoint={id}&state=delivered"))).Length == 2);
        var page = await DeliveriesServer.ReadAsync<DeliveryInfo[]>(await server.AsAdminAsync(HttpMethod.Get, $"/api/deliveries?endpoint={id}&limit=1"));
        var next = await DeliveriesServer.ReadAsync<DeliveryInfo[]>(await server.AsAdminAsync(HttpMethod.Get, $"/api/deliveries?endpoint={id}&after={page[0].Id}"));
        Assert.Equal(2, page.Length + next.Length);

        var rotated = await DeliveriesServer.ReadAsync<WebhookSecret>(await server.AsAdminAsync(HttpMethod.Post, $"/api/webhooks/{id}/rotate"));
        Assert.Equal(2, rotated.Webhook.Secrets);
        Assert.Equal(1, (await DeliveriesServer.ReadAsync<WebhookSecret>(await server.AsAdminAsync(HttpMethod.Post, $"/api/webhooks/{id}/rotate?keep=false"))).Webhook.Secrets);
        Assert.False((await DeliveriesServer.ReadAsync<WebhookInfo>(await server.AsAdminAsync(HttpMethod.Patch, $"/api/webhooks/{id}", new WebhookRequest(Enabled: false)))).Enabled);
        Assert.Equal(0, (await DeliveriesServer.ReadAsync<ReplayResult>(await server.AsAdminAsync(HttpMethod.Post, $"/api/webhooks/{id}/replay"))).Replayed);
        Assert.Equal(HttpStatusCode.NoContent, (await server.AsAdminAsync(HttpMethod.Delete, $"/api/webhooks/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.AsAdminAsync(HttpMethod.Get, $"/api/webhooks/{id}")).StatusCode);
    }

    [Fact]
    public async Task Moderators_deeds_are_told_and_what_people_say_directly_is_not()
    {
        await using var receiver = await Receiver.StartAsync();
        var made = await DeliveriesServer.ReadAsync<WebhookSecret>(await server.AsAdminAsync(HttpMethod.Post, "/api/webhooks", new WebhookRequest(receiver.Url("all"))));
        await using var mod = await server.ConnectAsync("whk-mod", grants: new Grants(Channels: ["*"], Moderate: true));
        await mod.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        await mod.InvokeAsync<JsonElement>("SendDirect", new SendDirectRequest(["whk-friend"], "d1", "between us"));
        await mod.InvokeAsync<JsonElement>("Ban", new BanRequest("whk-room", "whk-rude", "rude"));
        await mod.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest("whk-room", "m1", "that was that"));
        await Eventually.TrueAsync(() => receiver.Calls.Any(static call => call.Body.Contains("that was that", StringComparison.Ordinal)));
        var told = receiver.Calls.Select(static call => JsonDocument.Parse(call.Body).RootElement).Where(static call => call.GetProperty("data").GetProperty("channel").GetString() == "whk-room").ToList();
        Assert.Equal(["moderation.ban", "message.created"], told.Select(static call => call.GetProperty("type").GetString()));
        Assert.Equal(("whk-rude", "whk-mod", "rude"), (told[0].GetProperty("data").GetProperty("user").GetString(), told[0].GetProperty("data").GetProperty("moderator").GetString(), told[0].GetProperty("data").GetProperty("reason").GetString()));
        Assert.DoesNotContain(receiver.Calls, static call => call.Body.Contains("between us", StringComparison.Ordinal));
        await server.AsAdminAsync(HttpMethod.Delete, $"/api/webhooks/{made.Webhook.Id}");
    }

    [Fact]
    public async Task Bad_requests_and_strangers_are_refused()
    {
        foreach (var bad in new[]
        {
            new WebhookRequest(), new WebhookRequest("https://169.254.169.254/"), new WebhookRequest("ftp://example.org"), new WebhookRequest("https://example.org", Kinds: []),
            new WebhookRequest("https://example.org", Channels: [new string('x', 65)]), new WebhookRequest("https://example.org", Description: new string('x', 201)),
        })
            Assert.Equal((400, "invalid"), await DeliveriesServer.RefusalAsync(await server.AsAdminAsync(HttpMethod.Post, "/api/webhooks", bad)));
        Assert.Equal((400, "invalid"), await DeliveriesServer.RefusalAsync(await server.AsAdminAsync(HttpMethod.Get, "/api/deliveries?state=odd")));
        Assert.Equal((400, "invalid"), await DeliveriesServer.RefusalAsync(await server.AsAdminAsync(HttpMethod.Get, "/api/deliveries?limit=1000")));
        Assert.Equal((404, "notFound"), await DeliveriesServer.RefusalAsync(await server.AsAdminAsync(HttpMethod.Post, "/api/deliveries/999999/replay")));
        foreach (var path in new[] { "/api/webhooks", "/api/deliveries" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(HttpMethod.Get, path, server.Token("nobody"))).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(HttpMethod.Get, path, null)).StatusCode);
        }
    }
}
