using System.Net;
using System.Net.Http.Json;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Hubs;
using Xunit;
using static Realtime.Tests.Signaling.Access.AccessClients;

namespace Realtime.Tests.Signaling.Access;

/// <summary>Kick, ban and time-out as clients see them, the moderator on one replica and the moderated on the other.</summary>
[Collection(nameof(AccessReplicas))]
public sealed class ModerationTests(TwoReplicas replicas)
{
    static Task<Done> BanAsync(HubClient moderator, string channel, string user) => moderator.InvokeAsync<Done>("Ban", new BanRequest(channel, user, "spam"));

    static Task<Done> KickAsync(HubClient moderator, string channel, string user) => moderator.InvokeAsync<Done>("Kick", new KickRequest(channel, user, "spam"));

    [Fact]
    public async Task A_ban_on_one_replica_ends_the_membership_on_the_other_and_refuses_everything_from_then_on()
    {
        var (channel, eveName) = (NewName(), NewName("eve"));
        var (moderator, _) = await replicas.EnterAsync(NewName("mod"), 0, Moderator);
        var (eve, hello) = await replicas.EnterAsync(eveName, 1);
        var (ann, _) = await replicas.EnterAsync(NewName("ann"), 1);
        await using var one = moderator;
        await using var two = eve;
        await using var three = ann;
        foreach (var client in new[] { moderator, eve, ann })
            await client.JoinAsync(channel);
        await ann.SendAsync(channel, "before");
        await eve.NextAsync<Message>(HubEvent.MessageCreated);

        await BanAsync(moderator, channel, eveName);
        var told = await eve.NextAsync<ModeratedEvent>(HubEvent.Moderated);
        Assert.Equal((channel, eveName, ModerationAction.Ban, "spam"), (told.Channel, told.User, told.Action, told.Reason));
        Assert.Equal(eveName, (await ann.NextAsync<MemberLeftEvent>(HubEvent.MemberLeft)).User);
        await RefusedAsync(ErrorCode.Forbidden, eve.JoinAsync(channel));
        await RefusedAsync(ErrorCode.Forbidden, eve.SendAsync(channel, "still here"));
        await RefusedAsync(ErrorCode.Forbidden, eve.InvokeAsync<List<Message>>("History", new HistoryRequest(channel)));
        await RefusedAsync(ErrorCode.NotFound, eve.InvokeAsync<Done>("MarkRead", new MarkReadRequest(channel, 1)));
        using var http = replicas.Http(eveName);
        await http.GetAsync($"/api/channels/{channel}/messages").ExpectAsync(HttpStatusCode.Forbidden);
        await http.GetAsync($"/api/channels/{channel}").ExpectAsync(HttpStatusCode.Forbidden);

        // Everything else goes on: the connection, other channels, and what was said after the ban is said to the others alone.
        var other = NewName();
        await eve.JoinAsync(other);
        await ann.SendAsync(channel, "after");
        await eve.SendAsync(other, "mark");
        var seen = await eve.UntilAsync(other, "mark");
        Assert.DoesNotContain(seen, one => one.Name == HubEvent.MessageCreated && one.Read<Message>().Channel == channel);

        eve.Abort();
        await ann.SendAsync(channel, "while away");
        var (back, resumed) = await replicas.EnterAsync(eveName, 0, null, hello.ResumeToken, new Position(channel, 1), new Position(other, 1));
        await using var four = back;
        Assert.Equal([other], resumed.Resumed.Select(static channel => channel.Channel));

        await moderator.InvokeAsync<Done>("Unban", new UnbanRequest(channel, eveName));
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return (await back.JoinAsync(channel)).History.Count == 3;
            }
            catch (HubCallException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Who_is_banned_while_away_gets_nothing_not_even_what_came_before()
    {
        var (channel, eveName) = (NewName(), NewName("eve"));
        var (moderator, _) = await replicas.EnterAsync(NewName("mod"), 0, Moderator);
        await using var one = moderator;
        var (eve, hello) = await replicas.EnterAsync(eveName, 1);
        await eve.JoinAsync(channel);
        eve.Abort();
        await eve.DisposeAsync();
        await moderator.SendAsync(channel, "missed");
        await BanAsync(moderator, channel, eveName);
        await moderator.SendAsync(channel, "not for you");
        for (var replica = 0; replica < 2; replica++)
        {
            var (back, resumed) = await replicas.EnterAsync(eveName, replica, null, hello.ResumeToken, new Position(channel, 0));
            await using var two = back;
            Assert.Empty(resumed.Resumed);
            await back.JoinAsync("elsewhere");
            await back.SendAsync("elsewhere", "mark" + replica);
            Assert.DoesNotContain(await back.UntilAsync("elsewhere", "mark" + replica), one => one.Name == HubEvent.MessageCreated && one.Read<Message>().Channel == channel);
        }
    }

    [Fact]
    public async Task Who_is_kicked_may_come_again_but_not_by_resuming()
    {
        var (channel, annName) = (NewName(), NewName("ann"));
        var (moderator, _) = await replicas.EnterAsync(NewName("mod"), 0, Moderator);
        var (ann, hello) = await replicas.EnterAsync(annName, 1);
        await using var one = moderator;
        await moderator.JoinAsync(channel);
        await ann.JoinAsync(channel);
        await KickAsync(moderator, channel, annName);
        Assert.Equal(ModerationAction.Kick, (await ann.NextAsync<ModeratedEvent>(HubEvent.Moderated)).Action);
        ann.Abort();
        await ann.DisposeAsync();
        await moderator.SendAsync(channel, "while gone");
        var (back, resumed) = await replicas.EnterAsync(annName, 0, null, hello.ResumeToken, new Position(channel, 0));
        await using var two = back;
        Assert.Equal(hello.Session, resumed.Session);
        Assert.Empty(resumed.Resumed);
        Assert.Equal("while gone", Assert.Single((await back.JoinAsync(channel)).History).Text);
        await moderator.SendAsync(channel, "welcome");
        await back.NextAsync<Message>(HubEvent.MessageCreated, static message => message.Text == "welcome");
    }

    [Fact]
    public async Task A_time_out_silences_and_lets_read_on()
    {
        var (channel, eveName) = (NewName(), NewName("eve"));
        var (moderator, _) = await replicas.EnterAsync(NewName("mod"), 0, Moderator);
        var (eve, _) = await replicas.EnterAsync(eveName, 1);
        await using var one = moderator;
        await using var two = eve;
        await eve.JoinAsync(channel);
        var own = await eve.SendAsync(channel, "loud");
        await moderator.InvokeAsync<Done>("TimeOut", new TimeOutRequest(channel, eveName, "calm down", DateTimeOffset.UtcNow.AddMinutes(10)));
        Assert.Equal(ModerationAction.TimeOut, (await eve.NextAsync<ModeratedEvent>(HubEvent.Moderated)).Action);
        await RefusedAsync(ErrorCode.Forbidden, eve.SendAsync(channel, "LOUD"));
        await RefusedAsync(ErrorCode.Forbidden, eve.InvokeAsync<ChangeMessageResult>("EditMessage", new EditMessageRequest(channel, own.Id, "LOUD")));
        await moderator.SendAsync(channel, "listen");
        await eve.NextAsync<Message>(HubEvent.MessageCreated, static message => message.Text == "listen");
        await moderator.InvokeAsync<Done>("TimeOut", new TimeOutRequest(channel, eveName, "good"));
        await eve.NextAsync<ModeratedEvent>(HubEvent.Moderated);
        await eve.SendAsync(channel, "sorry");
    }

    [Fact]
    public async Task Without_redis_moderation_reaches_the_other_replica_all_the_same()
    {
        var own = new TwoReplicas();
        await own.InitializeAsync();
        await using var _ = own;
        var (moderator, _) = await own.EnterAsync("mod", 0, Moderator);
        var (eve, _) = await own.EnterAsync("eve", 1);
        await using var one = moderator;
        await using var two = eve;
        await moderator.JoinAsync("c");
        await eve.JoinAsync("c");
        await own.Redis.KillAsync();
        await BanAsync(moderator, "c", "eve");
        Assert.Equal(ModerationAction.Ban, (await eve.NextAsync<ModeratedEvent>(HubEvent.Moderated)).Action);
        await RefusedAsync(ErrorCode.Forbidden, eve.SendAsync("c", "still here"));
        await moderator.SendDirectAsync("no hard feelings", "eve");
        Assert.Equal("no hard feelings", (await eve.NextAsync<Message>(HubEvent.MessageCreated)).Text);
    }

    [Fact]
    public async Task Nobody_moderates_who_may_not_nor_themselves_nor_somebody_higher()
    {
        var (owner, mod, member) = (NewName("own"), NewName("mod"), NewName("mem"));
        var channel = await replicas.PrivateAsync(owner, mod, member);
        using var http = replicas.Http(owner);
        await http.PutAsJsonAsync($"/api/channels/{channel}/members/{mod}", new SetMemberRequest("moderator"), ContractsJson.Options).ExpectAsync(HttpStatusCode.NoContent);
        var (ofMod, _) = await replicas.EnterAsync(mod);
        var (ofMember, _) = await replicas.EnterAsync(member);
        var (narrow, _) = await replicas.EnterAsync(NewName("out"), 0, new Grants(Channels: ["other-*"], Moderate: true));
        await using var one = ofMod;
        await using var two = ofMember;
        await using var three = narrow;
        await RefusedAsync(ErrorCode.Forbidden, KickAsync(ofMember, channel, mod));
        await RefusedAsync(ErrorCode.Forbidden, KickAsync(ofMod, channel, owner));
        await RefusedAsync(ErrorCode.Invalid, KickAsync(ofMod, channel, mod));
        await RefusedAsync(ErrorCode.Forbidden, KickAsync(narrow, channel, member));
        await KickAsync(ofMod, channel, member);
        await RefusedAsync(ErrorCode.Forbidden, ofMember.JoinAsync(channel));
        using var admin = replicas.Http("root", new Grants(Admin: true));
        var log = await admin.GetAsync($"/api/audit?channel={channel}").ReadAsync<Page<AuditEntry>>();
        Assert.Equal(["channelCreated", "memberSet", "kick"], log.Items.Select(static entry => entry.Action));
        Assert.True((await admin.GetAsync("/api/audit/verification").ReadAsync<AuditVerification>()).Intact);
    }

    [Fact]
    public async Task A_moderator_kicks_five_and_bans_three_in_five_minutes()
    {
        var (channel, mod) = (NewName(), NewName("mod"));
        var (moderator, _) = await replicas.EnterAsync(mod, 0, Moderator);
        await using var one = moderator;
        for (var i = 0; i < 5; i++)
            await KickAsync(moderator, channel, $"u{i}");
        Assert.Equal("kicks", (await RefusedAsync(ErrorCode.RateLimited, KickAsync(moderator, channel, "u5"))).Scope);
        for (var i = 0; i < 3; i++)
            await BanAsync(moderator, channel, $"u{i}");
        Assert.Equal("bans", (await RefusedAsync(ErrorCode.RateLimited, BanAsync(moderator, channel, "u3"))).Scope);
        using var http = replicas.Http(mod, Moderator);
        await http.PostAsJsonAsync("/api/moderation/ban", new BanRequest(channel, "u4", null), ContractsJson.Options).ExpectAsync(HttpStatusCode.TooManyRequests);
        Assert.Equal(["u0", "u1", "u2"], (await http.GetAsync($"/api/moderation/{channel}").ReadAsync<Page<RestrictionInfo>>()).Items.Select(static one => one.User));
    }
}
