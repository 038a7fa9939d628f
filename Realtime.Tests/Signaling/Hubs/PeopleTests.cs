using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Xunit;
using static Realtime.Tests.Signaling.Hubs.PeopleClient;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>Presence, typing and friends as clients on two replicas see them.</summary>
public sealed class PeopleTests(TwoReplicas replicas) : IClassFixture<TwoReplicas>
{
    static string NewChannel() => $"c{Guid.NewGuid():N}";

    HttpClient Rest(string user, int replica = 0, Grants? grants = null)
    {
        var http = new HttpClient { BaseAddress = replicas.Servers[replica] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token(user, grants));
        return http;
    }

    static async Task<T> GetAsync<T>(HttpClient http, string path) => (await http.GetFromJsonAsync<T>(path, ContractsJson.Options))!;

    [Fact]
    public async Task Friends_on_other_replicas_hear_of_the_friendship_and_of_each_other()
    {
        var (ann, bob) = (NewUser("ann"), NewUser("bob"));
        await using var one = await replicas.EnterAsync(ann);
        await using var second = await replicas.EnterAsync(ann, 1);
        await using var other = await replicas.EnterAsync(bob, 1);
        Assert.Equal(FriendState.Requested, (await one.StepAsync("RequestFriend", bob)).State);
        Assert.Equal((ann, ann.ToUpperInvariant()), await other.NextAsync<FriendEvent>(HubEvent.Friend, static told => told.State == FriendState.Incoming) is var asked ? (asked.User, asked.Name) : default);
        await second.NextAsync<FriendEvent>(HubEvent.Friend, told => told.User == bob && told.State == FriendState.Requested);
        // Asking is not being friends.
        Assert.DoesNotContain(other.Drain(), told => told.Name == HubEvent.Presence && told.Read<PresenceEvent>().User == ann);

        Assert.Equal(FriendState.Friends, (await other.StepAsync("AnswerFriend", ann, accept: true)).State);
        foreach (var client in new[] { one, second })
        {
            await client.NextAsync<FriendEvent>(HubEvent.Friend, static told => told.State == FriendState.Friends);
            await client.PresenceAsync(bob, PresenceStatus.Online);
        }
        await other.PresenceAsync(ann, PresenceStatus.Online);

        await one.SetPresenceAsync(PresenceStatus.DoNotDisturb, new { name = "chess", details = "move\n3", link = "x" });
        // The other device is still online, and that is how she appears.
        await second.SetPresenceAsync(PresenceStatus.Invisible);
        Assert.Equal(new UserActivity("chess", null, "move 3"), (await other.PresenceAsync(ann, PresenceStatus.DoNotDisturb)).Activity);
        await one.SetPresenceAsync(PresenceStatus.Invisible);
        await other.PresenceAsync(ann, PresenceStatus.Offline);
        await second.PresenceAsync(ann, PresenceStatus.Invisible);

        Assert.Equal(FriendState.None, (await other.StepAsync("RemoveFriend", ann)).State);
        await one.NextAsync<FriendEvent>(HubEvent.Friend, static told => told.State == FriendState.None);
        var told = one.Drain().Concat(second.Drain()).Concat(other.Drain()).Where(static seen => seen.Name == HubEvent.Friend).ToList();
        Assert.Equal(told.Count, told.Select(static seen => seen.Payload.GetRawText()).Distinct().Count());
    }

    [Fact]
    public async Task A_new_session_learns_the_presence_of_its_friends()
    {
        var (ann, bob, cat) = (NewUser("ann"), NewUser("bob"), NewUser("cat"));
        await using var one = await replicas.EnterAsync(ann);
        var other = await replicas.EnterAsync(bob, 1);
        var third = await replicas.EnterAsync(cat, 1);
        await BefriendAsync(one, ann, other, bob);
        await BefriendAsync(one, ann, third, cat);
        await other.SetPresenceAsync(PresenceStatus.Idle);
        await third.CloseAsync();
        await one.PresenceAsync(cat, PresenceStatus.Offline);
        await using var later = await replicas.EnterAsync(ann);
        await later.PresenceAsync(bob, PresenceStatus.Idle);
        await using var elsewhere = await replicas.EnterAsync(ann, 1);
        await elsewhere.PresenceAsync(cat, PresenceStatus.Offline);
        await other.DisposeAsync();
        await third.DisposeAsync();
    }

    [Fact]
    public async Task A_clean_close_is_offline_at_once_and_a_lost_connection_is_not()
    {
        var (ann, bob) = (NewUser("ann"), NewUser("bob"));
        var channel = NewChannel();
        await using var watcher = await replicas.EnterAsync(ann, 0, channel);
        var lost = await replicas.ConnectAsync(bob, 1);
        var hello = await lost.HelloAsync();
        await lost.JoinAsync(channel);
        await lost.SetPresenceAsync(PresenceStatus.Idle);
        await watcher.PresenceAsync(bob, PresenceStatus.Idle);
        lost.Abort();
        await lost.DisposeAsync();
        // Back on the other replica within the lease: nobody heard of anything, and the status is as it was.
        await using var back = await replicas.ConnectAsync(bob);
        Assert.Equal(hello.Session, (await back.HelloAsync(hello.ResumeToken, new Position(channel, 0))).Session);
        await back.SetPresenceAsync(PresenceStatus.Idle, "reading");
        Assert.Equal("reading", (await watcher.PresenceAsync(bob, PresenceStatus.Idle)).Activity?.Name);
        Assert.DoesNotContain(watcher.Drain(), static seen => seen.Name == HubEvent.MemberLeft);
        await back.CloseAsync();
        await watcher.PresenceAsync(bob, PresenceStatus.Offline);
    }

    [Fact]
    public async Task Whoever_shares_a_channel_hears_of_presence_and_nobody_else()
    {
        var (ann, bob, eve) = (NewUser("ann"), NewUser("bob"), NewUser("eve"));
        var channel = NewChannel();
        await using var watcher = await replicas.EnterAsync(ann, 0, channel);
        await using var stranger = await replicas.EnterAsync(eve, 0, NewChannel());
        await using var other = await replicas.EnterAsync(bob, 1, channel);
        await watcher.PresenceAsync(bob, PresenceStatus.Online);
        await other.PresenceAsync(ann, PresenceStatus.Online);
        await other.SetPresenceAsync(PresenceStatus.DoNotDisturb);
        await watcher.PresenceAsync(bob, PresenceStatus.DoNotDisturb);
        Assert.DoesNotContain(stranger.Drain(), told => told.Name == HubEvent.Presence && told.Read<PresenceEvent>().User != eve);

        using var eves = Rest(eve);
        Assert.Equal(HttpStatusCode.Forbidden, (await eves.GetAsync($"/api/users/{bob}/presence")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await eves.GetAsync($"/api/users/{NewUser("nobody")}/presence")).StatusCode);
        using var anns = Rest(ann, 1);
        Assert.Equal(PresenceStatus.DoNotDisturb, (await GetAsync<PresenceEvent>(anns, $"/api/users/{bob}/presence")).Status);
        Assert.Equal(2, (await GetAsync<List<PresenceEvent>>(anns, $"/api/channels/{channel}/presence")).Count);
        using var few = Rest(ann, 0, new Grants(Channels: ["other"]));
        Assert.Equal(HttpStatusCode.Forbidden, (await few.GetAsync($"/api/channels/{channel}/presence")).StatusCode);
    }

    [Fact]
    public async Task The_sixth_presence_within_half_a_minute_is_refused()
    {
        await using var client = await replicas.EnterAsync(NewUser("ann"));
        for (var i = 0; i < 5; i++)
            await client.SetPresenceAsync(i % 2 == 0 ? PresenceStatus.Idle : PresenceStatus.Online);
        var refused = await RefusedAsync(ErrorCode.RateLimited, client.SetPresenceAsync(PresenceStatus.Idle));
        Assert.Equal("presence", refused.Scope);
        Assert.InRange(refused.RetryAfterMs ?? 0, 1, 30_000);
    }

    [Theory]
    [InlineData("away", null)]
    [InlineData("offline", null)]
    [InlineData(null, null)]
    [InlineData("online", 5)]
    public async Task What_is_no_presence_is_refused(string? status, object? activity)
    {
        await using var client = await replicas.EnterAsync(NewUser("ann"));
        await RefusedAsync(ErrorCode.Invalid, client.InvokeAsync<Done>("SetPresence", new { status, activity }));
    }

    [Fact]
    public async Task Others_see_who_types_until_the_message_comes()
    {
        var (ann, bob) = (NewUser("ann"), NewUser("bob"));
        var channel = NewChannel();
        await using var near = await replicas.EnterAsync(ann, 0, channel);
        await using var far = await replicas.EnterAsync(ann, 1, channel);
        await using var typist = await replicas.EnterAsync(bob, 0, channel);
        await using var device = await replicas.EnterAsync(bob, 1, channel);
        await typist.InvokeAsync<Done>("Typing", new TypingRequest(channel));
        foreach (var client in new[] { near, far })
        {
            var told = await client.NextAsync<TypingEvent>(HubEvent.Typing, static _ => true);
            Assert.Equal((channel, bob, bob.ToUpperInvariant(), null), (told.Channel, told.User, told.Name, told.Stopped));
            Assert.InRange(told.Until - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(16));
        }
        await typist.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest(channel, "1", "hello"));
        foreach (var client in new[] { near, far })
            await client.NextAsync<TypingEvent>(HubEvent.Typing, static told => told.Stopped == true);
        // Once is enough.
        await typist.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest(channel, "2", "again"));
        await far.NextAsync<Message>(HubEvent.MessageCreated, static message => message.ClientMessageId == "2");
        Assert.DoesNotContain(near.Drain().Concat(far.Drain()), static told => told.Name == HubEvent.Typing);

        await typist.InvokeAsync<Done>("Typing", new TypingRequest(channel));
        await far.NextAsync<TypingEvent>(HubEvent.Typing, static told => told.Stopped is null);
        typist.Abort();
        await far.NextAsync<TypingEvent>(HubEvent.Typing, static told => told.Stopped == true);
        Assert.DoesNotContain(device.Drain(), static told => told.Name == HubEvent.Typing);
    }

    [Fact]
    public async Task Typing_needs_the_channel()
    {
        var channel = NewChannel();
        await using var client = await replicas.ConnectAsync(NewUser("ann"), 0, new Grants(Channels: [channel]));
        await RefusedAsync(ErrorCode.Conflict, client.InvokeAsync<Done>("Typing", new TypingRequest(channel)));
        await client.HelloAsync();
        await RefusedAsync(ErrorCode.NotFound, client.InvokeAsync<Done>("Typing", new TypingRequest(channel)));
        await RefusedAsync(ErrorCode.Forbidden, client.InvokeAsync<Done>("Typing", new TypingRequest("other")));
        await RefusedAsync(ErrorCode.Invalid, client.InvokeAsync<Done>("Typing", new TypingRequest("no name")));
        await client.JoinAsync(channel);
        for (var i = 0; i < 6; i++)
            await client.InvokeAsync<Done>("Typing", new TypingRequest(channel));
        Assert.Equal("typing", (await RefusedAsync(ErrorCode.RateLimited, client.InvokeAsync<Done>("Typing", new TypingRequest(channel)))).Scope);
    }

    [Fact]
    public async Task Friends_over_rest_are_the_same_friends()
    {
        var (ann, bob) = (NewUser("ann"), NewUser("bob"));
        await using var one = await replicas.EnterAsync(ann);
        using var anns = Rest(ann);
        using var bobs = Rest(bob, 1);
        (await bobs.PostAsJsonAsync("/api/friends", new FriendRequest(ann), ContractsJson.Options)).EnsureSuccessStatusCode();
        await one.NextAsync<FriendEvent>(HubEvent.Friend, static told => told.State == FriendState.Incoming);
        Assert.Equal(FriendState.Incoming, Assert.Single(await GetAsync<List<Friend>>(anns, "/api/friends")).State);
        (await anns.PostAsJsonAsync("/api/friends", new AnswerFriendRequest(bob, true), ContractsJson.Options)).EnsureSuccessStatusCode();
        Assert.Equal((ann, FriendState.Friends, PresenceStatus.Online), Assert.Single(await GetAsync<List<Friend>>(bobs, "/api/friends")) is var friend ? (friend.User, friend.State, friend.Status) : default);
        var me = await GetAsync<System.Text.Json.JsonElement>(anns, "/api/me");
        Assert.Equal((1, "online"), (me.GetProperty("friends").GetInt32(), me.GetProperty("presence").GetProperty("status").GetString()));
        (await anns.DeleteAsync($"/api/friends/{bob}")).EnsureSuccessStatusCode();
        Assert.Empty(await GetAsync<List<Friend>>(bobs, "/api/friends"));
        Assert.Equal(HttpStatusCode.BadRequest, (await anns.PostAsJsonAsync("/api/friends", new FriendRequest(ann), ContractsJson.Options)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await anns.PostAsJsonAsync("/api/friends", new AnswerFriendRequest(bob, true), ContractsJson.Options)).StatusCode);
        using var nobody = new HttpClient { BaseAddress = replicas.Servers[0] };
        foreach (var path in new[] { "/api/friends", "/api/me", $"/api/users/{ann}/presence", "/api/channels/c/presence" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task A_request_that_came_while_one_was_away_is_told_on_return()
    {
        var (ann, bob) = (NewUser("ann"), NewUser("bob"));
        var lost = await replicas.ConnectAsync(ann);
        var hello = await lost.HelloAsync();
        lost.Abort();
        await lost.DisposeAsync();
        await using var other = await replicas.EnterAsync(bob);
        await other.StepAsync("RequestFriend", ann);
        await other.NextAsync<FriendEvent>(HubEvent.Friend, static told => told.State == FriendState.Requested);
        // The replica it returns to has heard of it too, if only by the outbox.
        await Eventually.TrueAsync(async () =>
        {
            await using var back = await replicas.ConnectAsync(ann, 1);
            var again = await back.HelloAsync(hello.ResumeToken);
            await back.SetPresenceAsync(PresenceStatus.Online);
            return again.Session == hello.Session && back.Drain().Any(static told => told.Name == HubEvent.Friend);
        }, Patience);
    }

    [Fact]
    public async Task Who_comes_back_learns_who_came_and_went_meanwhile()
    {
        var (ann, bob, cat) = (NewUser("ann"), NewUser("bob"), NewUser("cat"));
        var channel = NewChannel();
        var lost = await replicas.ConnectAsync(ann);
        var hello = await lost.HelloAsync();
        await using var goes = await replicas.EnterAsync(bob, 1, channel);
        Assert.Equal([ann, bob], (await lost.JoinAsync(channel)).Members.Select(static member => member.User).Order());
        lost.Abort();
        await lost.DisposeAsync();
        await using var comes = await replicas.EnterAsync(cat, 1, channel);
        await goes.CloseAsync();
        await comes.NextAsync<MemberLeftEvent>(HubEvent.MemberLeft, left => left.User == bob);
        await using var back = await replicas.ConnectAsync(ann, 1);
        var resumed = Assert.Single((await back.HelloAsync(hello.ResumeToken, new Position(channel, 0))).Resumed);
        Assert.Equal([ann, cat], resumed.Members?.Select(static member => member.User).Order());
    }
}
