using System.Net.Http.Headers;
using System.Net.Http.Json;
using Npgsql;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Faults;
using Realtime.Signaling.Data;
using Realtime.Signaling.People;
using Realtime.Tests.Harness;
using Xunit;
using static Realtime.Tests.Signaling.Hubs.PeopleClient;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>A session ends while its steps fail: everything of it is gone all the same, and once.</summary>
[Collection("FaultPoint")] // the point is one per process
public sealed class SessionEndTests(TwoReplicas replicas) : IClassFixture<TwoReplicas>
{
    public static TheoryData<string> Steps => [.. SessionEnd.StepNames, SessionEnd.RowStep];

    async Task<long> CountAsync(string sql, string value) => await replicas.Service<Database>(0).RunAsync("test", async (connection, token) =>
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = value });
        return (long)(await command.ExecuteScalarAsync(token))!;
    }, default);

    Task GoneAsync(string user) => Eventually.TrueAsync(async () => await CountAsync("select count(*) from sessions where user_id = $1", user) == 0, Patience);

    /// <summary>A friend in the same channel on the other replica, who watches.</summary>
    async Task<(HubClient Watcher, HubClient Leaver)> MeetAsync(string ann, string bob, string channel)
    {
        var watcher = await replicas.EnterAsync(ann, 1, channel);
        var leaver = await replicas.EnterAsync(bob, 0, channel);
        await BefriendAsync(watcher, ann, leaver, bob);
        await leaver.SetPresenceAsync(PresenceStatus.Idle);
        await watcher.PresenceAsync(bob, PresenceStatus.Idle);
        await leaver.InvokeAsync<Done>("Typing", new TypingRequest(channel));
        await watcher.NextAsync<TypingEvent>(HubEvent.Typing, static told => told.Stopped is null);
        return (watcher, leaver);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_step_that_fails_is_tried_again_and_holds_up_nothing(string step)
    {
        var (ann, bob) = (NewUser("ann"), NewUser("bob"));
        var channel = $"c{Guid.NewGuid():N}";
        var (watcher, leaver) = await MeetAsync(ann, bob, channel);
        await using var _ = watcher;
        var faults = replicas.Service<FaultInjector>(1);
        Assert.Null(faults.Add(new FaultRule(SessionEnd.Component, FaultKind.Throw, Action: step, User: bob, Count: 2)));
        await leaver.CloseAsync();
        await leaver.DisposeAsync();
        await GoneAsync(bob);
        await watcher.GoneAsync(bob);
        await Eventually.TrueAsync(() => replicas.Service<SessionEnd>(0).Pending == 0, Patience);
        Assert.Equal(2, faults.Rules.Single(rule => rule.Rule.User == bob).Hits);
    }

    [Fact]
    public async Task Steps_that_never_succeed_leave_no_ghost_to_others()
    {
        var (ann, bob) = (NewUser("ann"), NewUser("bob"));
        var channel = $"c{Guid.NewGuid():N}";
        var (watcher, leaver) = await MeetAsync(ann, bob, channel);
        await using var _ = watcher;
        foreach (var step in SessionEnd.StepNames)
            Assert.Null(replicas.Service<FaultInjector>(1).Add(new FaultRule(SessionEnd.Component, FaultKind.Throw, Action: step, User: bob)));
        await leaver.CloseAsync();
        await leaver.DisposeAsync();
        await GoneAsync(bob);
        await watcher.GoneAsync(bob);
    }

    [Fact]
    public async Task Everybody_hears_of_a_clean_end_once_and_it_counts_once()
    {
        var (ann, bob) = (NewUser("ann"), NewUser("bob"));
        var channel = $"c{Guid.NewGuid():N}";
        var (watcher, leaver) = await MeetAsync(ann, bob, channel);
        await using var _ = watcher;
        var before = await CountAsync("select coalesce(sum(sessions), 0)::bigint from session_days where reason = $1", EndReason.Closed);
        await leaver.CloseAsync();
        await leaver.DisposeAsync();
        await watcher.NextAsync<TypingEvent>(HubEvent.Typing, static told => told.Stopped == true);
        await GoneAsync(bob);
        // Whatever else comes of it has come by the time this message has.
        await watcher.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest(channel, "1", "x"));
        await Eventually.TrueAsync(() => replicas.Service<SessionEnd>(0).Pending == 0, Patience);
        Assert.Equal(before + 1, await CountAsync("select sum(sessions)::bigint from session_days where reason = $1", EndReason.Closed));
    }

    [Fact]
    public async Task A_lease_that_runs_out_ends_everything_and_is_not_resumed()
    {
        var (ann, bob) = (NewUser("ann"), NewUser("bob"));
        var channel = $"c{Guid.NewGuid():N}";
        await using var watcher = await replicas.EnterAsync(ann, 1, channel);
        var lost = await replicas.ConnectAsync(bob);
        var hello = await lost.HelloAsync();
        await lost.JoinAsync(channel);
        await watcher.PresenceAsync(bob, PresenceStatus.Online);
        lost.Abort();
        await lost.DisposeAsync();
        await watcher.PresenceAsync(bob, PresenceStatus.Offline);
        await GoneAsync(bob);
        await using var late = await replicas.ConnectAsync(bob);
        Assert.NotEqual(hello.Session, (await late.HelloAsync(hello.ResumeToken)).Session);
    }

    [Fact]
    public async Task Who_is_revoked_is_gone_for_others_too()
    {
        var (ann, bob) = (NewUser("ann"), NewUser("bob"));
        var channel = $"c{Guid.NewGuid():N}";
        var (watcher, leaver) = await MeetAsync(ann, bob, channel);
        await using var _ = watcher;
        using var http = new HttpClient { BaseAddress = replicas.Servers[1] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token("root", new Grants(Admin: true)));
        (await http.PostAsJsonAsync($"/api/users/{bob}/revoke", new { })).EnsureSuccessStatusCode();
        await watcher.PresenceAsync(bob, PresenceStatus.Offline);
        await GoneAsync(bob);
        await leaver.DisposeAsync();
    }
}
