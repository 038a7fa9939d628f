using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Tests.Signaling.Hubs;
using Xunit;
using static Realtime.Tests.Signaling.Access.AccessClients;

namespace Realtime.Tests.Signaling.Access;

/// <summary>Channels and their members over REST, and what that means on the hub of the other replica.</summary>
[Collection(nameof(AccessReplicas))]
public sealed class ChannelApiTests(TwoReplicas replicas)
{
    static readonly JsonSerializerOptions Json = ContractsJson.Options;

    [Fact]
    public async Task A_private_channel_is_for_members_whose_token_names_it()
    {
        var (owner, member, outsider) = (NewName("own"), NewName("mem"), NewName("out"));
        var channel = await replicas.PrivateAsync(owner, member);
        var (ofMember, _) = await replicas.EnterAsync(member, 1);
        var (ofOutsider, _) = await replicas.EnterAsync(outsider, 1);
        var (ungranted, _) = await replicas.EnterAsync(member, 0, new Grants(Channels: ["team-*"]));
        await using var one = ofMember;
        await using var two = ofOutsider;
        await using var three = ungranted;
        await ofMember.JoinAsync(channel);
        await RefusedAsync(ErrorCode.Forbidden, ofOutsider.JoinAsync(channel));
        await RefusedAsync(ErrorCode.Forbidden, ofOutsider.SendAsync(channel, "x"));
        await RefusedAsync(ErrorCode.Forbidden, ungranted.JoinAsync(channel));

        using var http = replicas.Http(owner);
        await http.PutAsJsonAsync($"/api/channels/{channel}/members/{outsider}", new SetMemberRequest(), Json).ExpectAsync(HttpStatusCode.NoContent);
        await Harness.Eventually.TrueAsync(async () =>
        {
            try
            {
                return (await ofOutsider.JoinAsync(channel)).Seq == 0;
            }
            catch (Harness.HubCallException)
            {
                return false;
            }
        });
        var members = await http.GetAsync($"/api/channels/{channel}/members").ReadAsync<Page<ChannelMemberInfo>>();
        Assert.Equal(new[] { owner, member, outsider }.Order(StringComparer.Ordinal), members.Items.Select(static one => one.User));
        // Taken out, the session that is in is put out too, on the other replica.
        await http.DeleteAsync($"/api/channels/{channel}/members/{member}").ExpectAsync(HttpStatusCode.NoContent);
        Assert.Equal(member, (await ofMember.NextAsync<MemberLeftEvent>(HubEvent.MemberLeft, left => left.User == member)).User);
        await RefusedAsync(ErrorCode.Forbidden, ofMember.SendAsync(channel, "still?"));
    }

    [Fact]
    public async Task A_public_channel_that_turns_private_puts_out_who_is_no_member()
    {
        var (owner, guest) = (NewName("own"), NewName("guest"));
        var channel = NewName();
        using var http = replicas.Http(owner);
        await http.PostAsJsonAsync("/api/channels", new CreateChannelRequest(channel), Json).ExpectAsync(HttpStatusCode.Created);
        var (client, hello) = await replicas.EnterAsync(guest, 1);
        await using var _ = client;
        await client.JoinAsync(channel);
        await http.PatchAsJsonAsync($"/api/channels/{channel}", new ChangeChannelRequest("private", "for us"), Json).ExpectAsync(HttpStatusCode.OK);
        await client.NextAsync<MemberLeftEvent>(HubEvent.MemberLeft, left => left.User == guest);
        await RefusedAsync(ErrorCode.Forbidden, client.JoinAsync(channel));
    }

    [Fact]
    public async Task A_channel_is_made_changed_listed_and_deleted()
    {
        var owner = NewName("own");
        var prefix = NewName("l");
        using var http = replicas.Http(owner, new Grants(Channels: [$"{prefix}*"]));
        var metadata = JsonDocument.Parse("""{"color":"red"}""").RootElement;
        foreach (var name in new[] { "b", "a", "c" })
            await http.PostAsJsonAsync("/api/channels", new CreateChannelRequest(prefix + name, Topic: name, Metadata: metadata, Retention: "30.00:00:00"), Json).ExpectAsync(HttpStatusCode.Created);
        await http.PostAsJsonAsync("/api/channels", new CreateChannelRequest(prefix + "a"), Json).ExpectAsync(HttpStatusCode.Conflict);
        await http.PostAsJsonAsync("/api/channels", new CreateChannelRequest("elsewhere"), Json).ExpectAsync(HttpStatusCode.Forbidden);
        await http.PostAsJsonAsync("/api/channels", new CreateChannelRequest("dm:x"), Json).ExpectAsync(HttpStatusCode.BadRequest);
        var first = await http.GetAsync("/api/channels?limit=2").ReadAsync<Page<ChannelInfo>>();
        Assert.Equal([prefix + "a", prefix + "b"], first.Items.Select(static one => one.Channel));
        var second = await http.GetAsync($"/api/channels?limit=2&after={first.Next}").ReadAsync<Page<ChannelInfo>>();
        Assert.Equal((prefix + "c", null), (Assert.Single(second.Items).Channel, second.Next));
        var read = await http.GetAsync($"/api/channels/{prefix}a").ReadAsync<ChannelInfo>();
        Assert.Equal(("public", "a", owner, "30.00:00:00", "owner", "red"), (read.Kind, read.Topic, read.Owner, read.Retention, read.Role, read.Metadata!.Value.GetProperty("color").GetString()));
        var changed = await http.PatchAsJsonAsync($"/api/channels/{prefix}a", new ChangeChannelRequest(Topic: "", Retention: "00:00:00"), Json).ReadAsync<ChannelInfo>();
        Assert.Equal((null, null, "public"), (changed.Topic, changed.Retention, changed.Kind));

        using var stranger = replicas.Http(NewName("x"));
        await stranger.PatchAsJsonAsync($"/api/channels/{prefix}a", new ChangeChannelRequest(Topic: "mine"), Json).ExpectAsync(HttpStatusCode.Forbidden);
        await stranger.DeleteAsync($"/api/channels/{prefix}a").ExpectAsync(HttpStatusCode.Forbidden);
        await http.DeleteAsync($"/api/channels/{prefix}a").ExpectAsync(HttpStatusCode.NoContent);
        await http.GetAsync($"/api/channels/{prefix}a").ExpectAsync(HttpStatusCode.NotFound);
        await http.PostAsJsonAsync($"/api/channels/{prefix}a/messages", new SendMessageRequest(null, "1", "x"), Json).ExpectAsync(HttpStatusCode.NotFound);
        await http.PostAsJsonAsync("/api/channels", new CreateChannelRequest(prefix + "a", "private"), Json).ExpectAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task The_last_owner_stays_and_roles_are_an_owners_to_give()
    {
        var (owner, mod, member) = (NewName("own"), NewName("mod"), NewName("mem"));
        var channel = await replicas.PrivateAsync(owner, mod, member);
        using var ofOwner = replicas.Http(owner);
        using var ofMod = replicas.Http(mod);
        await ofOwner.PutAsJsonAsync($"/api/channels/{channel}/members/{mod}", new SetMemberRequest("moderator"), Json).ExpectAsync(HttpStatusCode.NoContent);
        await ofMod.PutAsJsonAsync($"/api/channels/{channel}/members/{member}", new SetMemberRequest("moderator"), Json).ExpectAsync(HttpStatusCode.Forbidden);
        await ofMod.DeleteAsync($"/api/channels/{channel}/members/{owner}").ExpectAsync(HttpStatusCode.Forbidden);
        await ofMod.PutAsJsonAsync($"/api/channels/{channel}/members/new", new SetMemberRequest(), Json).ExpectAsync(HttpStatusCode.NoContent);
        await ofOwner.DeleteAsync($"/api/channels/{channel}/members/{owner}").ExpectAsync(HttpStatusCode.Conflict);
        await ofOwner.PutAsJsonAsync($"/api/channels/{channel}/members/{mod}", new SetMemberRequest("owner"), Json).ExpectAsync(HttpStatusCode.NoContent);
        await ofOwner.DeleteAsync($"/api/channels/{channel}/members/{owner}").ExpectAsync(HttpStatusCode.NoContent);
        await ofOwner.GetAsync($"/api/channels/{channel}").ExpectAsync(HttpStatusCode.Forbidden);
        using var admin = replicas.Http("root", new Grants(Admin: true));
        Assert.Equal(mod, (await admin.GetAsync($"/api/channels/{channel}").ReadAsync<ChannelInfo>()).Owner);
    }

    [Fact]
    public async Task Messages_are_sent_changed_and_removed_over_rest()
    {
        var (channel, ann) = (NewName(), NewName("ann"));
        using var http = replicas.Http(ann);
        var sent = await http.PostAsJsonAsync($"/api/channels/{channel}/messages", new SendMessageRequest("ignored", "1", "one"), Json).ReadAsync<SendMessageResult>(HttpStatusCode.Created);
        Assert.True((await http.PostAsJsonAsync("/api/messages", new SendMessageRequest(channel, "1", "one"), Json).ReadAsync<SendMessageResult>()).Duplicate);
        Assert.Equal(2, (await http.PatchAsJsonAsync($"/api/channels/{channel}/messages/{sent.Id}", new EditMessageRequest(null, null, "uno"), Json).ReadAsync<ChangeMessageResult>()).Seq);
        Assert.Equal("uno", (await http.GetAsync($"/api/messages/{sent.Id}").ReadAsync<Message>()).Text);
        using var moderator = replicas.Http(NewName("mod"), Moderator);
        await moderator.DeleteAsync($"/api/channels/{channel}/messages/{sent.Id}").ExpectAsync(HttpStatusCode.BadRequest);
        Assert.Equal(3, (await moderator.DeleteAsync($"/api/channels/{channel}/messages/{sent.Id}?reason=off").ReadAsync<ChangeMessageResult>()).Seq);
        Assert.True((await http.GetAsync($"/api/messages/{sent.Id}").ReadAsync<Message>()).Deleted);
    }
}
