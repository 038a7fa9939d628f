using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Hubs;
using Xunit;
using static Realtime.Tests.Signaling.Access.AccessClients;

namespace Realtime.Tests.Signaling.Access;

/// <summary>Export and erasure of a user over REST, and that operators' deeds are recorded.</summary>
[Collection(nameof(AccessReplicas))]
public sealed class UserApiTests(TwoReplicas replicas)
{
    static readonly Grants Admin = new(Admin: true);

    [Fact]
    public async Task An_erased_user_is_forgotten_in_memory_too_and_everybody_is_told()
    {
        var (channel, annName) = (NewName(), NewName("ann"));
        var (ann, _) = await replicas.EnterAsync(annName, 1);
        var (bob, _) = await replicas.EnterAsync(NewName("bob"), 1);
        await using var one = ann;
        await using var two = bob;
        await bob.JoinAsync(channel);
        await ann.JoinAsync(channel);
        var sent = await ann.SendAsync(channel, "mine");
        await bob.SendAsync(channel, "yours");
        using (var own = replicas.Http(annName))
        {
            var lines = (await own.GetStringAsync($"/api/users/{annName}/export")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal("mine", Assert.Single(lines.Select(static line => JsonSerializer.Deserialize<JsonElement>(line)), static line => line.GetProperty("type").GetString() == "message").GetProperty("text").GetString());
            await own.DeleteAsync($"/api/users/{annName}").ExpectAsync(HttpStatusCode.Forbidden);
        }
        using var stranger = replicas.Http(NewName("eve"));
        await stranger.GetAsync($"/api/users/{annName}/export").ExpectAsync(HttpStatusCode.Forbidden);
        using var admin = replicas.Http("root", Admin);
        await admin.DeleteAsync("/api/users/erased").ExpectAsync(HttpStatusCode.BadRequest);
        await admin.DeleteAsync($"/api/users/{annName}").ExpectAsync(HttpStatusCode.Accepted);
        await admin.DeleteAsync($"/api/users/{annName}").ExpectAsync(HttpStatusCode.Accepted);

        Assert.Equal(CloseCode.Revoked, (await ann.Closed.WaitAsync(Patience)).Code);
        Assert.Equal((sent.Id, "realtime"), (await bob.NextAsync<MessageDeletedEvent>(HubEvent.MessageDeleted)) is var gone ? (gone.Id, gone.DeletedBy) : default);
        await Eventually.TrueAsync(async () => (await admin.GetAsync($"/api/users/{annName}/erasure").ReadAsync<ErasureInfo>()).State == "done", Patience);
        await Eventually.TrueAsync(async () =>
        {
            // Also from this replica's memory, which had it.
            var history = await bob.InvokeAsync<List<Message>>("History", new HistoryRequest(channel, After: 0));
            return !JsonSerializer.Serialize(history).Contains(annName, StringComparison.OrdinalIgnoreCase) && history.Count == 2 && history[0].Deleted == true;
        }, Patience);
    }

    [Fact]
    public async Task What_operators_do_is_in_the_log()
    {
        var (key, user) = (NewName("k"), NewName("ann"));
        using var admin = replicas.Http("root", Admin);
        await admin.PostAsJsonAsync("/api/keys", new CreateApiKeyRequest(key), ContractsJson.Options).ExpectAsync(HttpStatusCode.OK);
        await admin.DeleteAsync($"/api/keys/{key}").ExpectAsync(HttpStatusCode.NoContent);
        await admin.PostAsync($"/api/users/{user}/revoke", null).ExpectAsync(HttpStatusCode.NoContent);
        await admin.PostAsJsonAsync("/admin/socket/recovery", new { circuit = "redis" }).ExpectAsync(HttpStatusCode.NoContent);
        var actions = (await admin.GetAsync("/api/audit?actor=root&limit=100").ReadAsync<Page<AuditEntry>>()).Items.Select(static entry => (entry.Action, entry.Target)).ToList();
        Assert.Contains(("keyRevoked", key), actions);
        Assert.Contains(("userRevoked", user), actions);
        Assert.Contains(("recovery", null), actions);
        Assert.Contains(actions, static one => one.Action == "keyCreated");
        var lines = (await admin.GetStringAsync("/api/audit/export")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(1, lines.Length).Select(static seq => (long)seq), lines.Select(static line => JsonSerializer.Deserialize<AuditEntry>(line, ContractsJson.Options)!.Seq));
        using var nobody = replicas.Http(NewName("eve"));
        foreach (var path in new[] { "/api/audit", "/api/audit/export", "/api/audit/verification" })
            await nobody.GetAsync(path).ExpectAsync(HttpStatusCode.Forbidden);
    }
}
