using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Faults;
using Realtime.Signaling.People;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Hubs;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>kill -9 of a replica in the middle of a session's end: another one does the rest.</summary>
public sealed class SessionEndKilled(RunningApp app) : EndToEndTest(app)
{
    /// <summary>The steps to kill at, with commas, or <c>all</c>: each takes half a minute. Unset: <see cref="UsualStep"/>, in the middle.</summary>
    const string StepsWanted = "REALTIME_TEST_END_STEPS";

    const string UsualStep = "friends";

    static int s_address;

    [Fact]
    public async Task AnotherReplicaDoesTheRest()
    {
        string[] steps = [.. SessionEnd.StepNames, SessionEnd.RowStep];
        var wanted = Environment.GetEnvironmentVariable(StepsWanted);
        if (wanted != "all")
            steps = wanted?.Split(',') ?? [UsualStep];
        foreach (var step in steps)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"killed at {step}");
            await KilledAtAsync(step);
        }
    }

    async Task KilledAtAsync(string step)
    {
        var (ann, bob) = (PeopleClient.NewUser("ann"), PeopleClient.NewUser("bob"));
        await using var watcher = await ConnectAsync(ann, 1);
        await using var leaver = await ConnectAsync(bob, 0);
        foreach (var client in new[] { watcher, leaver })
        {
            await client.HelloAsync();
            await client.JoinAsync(ChannelName);
        }
        await PeopleClient.BefriendAsync(watcher, ann, leaver, bob);
        await leaver.SetPresenceAsync(PresenceStatus.Idle);
        await watcher.NextAsync<PresenceEvent>(HubEvent.Presence, told => told.User == bob && told.Status == PresenceStatus.Idle);

        var pid = App.Pid("signaling-0");
        await App.InjectAsync(App.Signaling[0], new FaultRule(SessionEnd.Component, FaultKind.Kill, Action: step, User: bob));
        var clock = Stopwatch.StartNew();
        // Put out by the server, so that it does not depend on how soon a farewell is heard.
        using var http = new HttpClient { BaseAddress = App.Signaling[1] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await App.TokenAsync("root", new Grants(Admin: true)));
        (await http.PostAsync($"/api/users/{bob}/revoke", null)).EnsureSuccessStatusCode();
        // Nobody is a ghost: not in anybody's list, and not for friends.
        await watcher.GoneAsync(bob, Patience);
        Timing.Claim($"from a kill at the step {step} to the last trace of the session", clock.Elapsed, TimeSpan.FromSeconds(30));
        await App.RecoveredAsync("signaling-0", pid);
    }

    async Task<HubClient> ConnectAsync(string user, int replica)
    {
        var number = Interlocked.Increment(ref s_address);
        return await HubClient.ConnectAsync(new HubClientOptions(App.Signaling[replica], await App.TokenAsync(user)) { SourceAddress = new IPAddress([127, 2, (byte)(number >> 8), (byte)number]) });
    }
}
