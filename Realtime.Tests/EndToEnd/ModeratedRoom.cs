using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Realtime.Bench.Load;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>What a moderator does in a call, from another replica than the people's: by the hub and by REST, told to those concerned, refused to everybody else.</summary>
public sealed class ModeratedRoom(RunningApp app) : EndToEndTest(app)
{
    static readonly Grants s_moderator = new(Rooms: ["*"], Moderate: true, Subscribe: true);

    [Fact(Explicit = true)] // By name and `-explicit on`: not yet seen green often enough for every run.
    public async Task Mutes_settings_kicks_and_the_end_reach_who_they_are_for()
    {
        var name = $"moderated-{Guid.NewGuid():N}"[..24];
        using var load = new LoadThread(SourceKind.Video, IPAddress.Loopback);
        await using var people = await PersonAsync(0, $"{name}-ann");
        await using var other = await PersonAsync(1, $"{name}-ben");
        await using var moderator = await PersonAsync(1, $"{name}-mod", s_moderator);
        var (ann, ben) = (await EnterAsync(load, people, name, publishes: true), await EnterAsync(load, other, name, publishes: false));
        var track = (await NextAsync(people, HubEvent.TrackPublished)).GetProperty("track").GetProperty("track").GetString()!;

        Assert.Equal(ErrorCode.Forbidden, await RefusalAsync(other, "MuteTrack", new MuteTrackRequest(name, track, true)));
        await moderator.InvokeAsync<Done>("MuteTrack", new MuteTrackRequest(name, track, true, Locked: true));
        var muted = await NextAsync(people, HubEvent.TrackMuted);
        Assert.True(muted.GetProperty("muted").GetBoolean() && muted.GetProperty("byModerator").GetBoolean() && muted.GetProperty("locked").GetBoolean());
        Assert.Equal(ErrorCode.Forbidden, await RefusalAsync(people, "SetTrack", new SetTrackRequest(track, false, name)));
        await moderator.InvokeAsync<Done>("MuteTrack", new MuteTrackRequest(name, track, false));
        Assert.False((await NextAsync(people, HubEvent.TrackMuted)).GetProperty("muted").GetBoolean());

        await other.InvokeAsync<Done>("SetParticipant", new SetParticipantRequest(name, JsonSerializer.SerializeToElement(new { hand = true })));
        Assert.True((await NextAsync(people, RoomHubEvent.ParticipantUpdated)).GetProperty("participant").GetProperty("metadata").GetProperty("hand").GetBoolean());
        await other.InvokeAsync<Done>("SetView", new SetViewRequest(name, 1, [ann.Participant]));

        using var http = await RestAsync(name, s_moderator);
        using (var set = await http.PatchAsJsonAsync($"/api/rooms/{name}", new RoomSettings(LastN: 4), ContractsJson.Options))
            Assert.Equal(HttpStatusCode.NoContent, set.StatusCode);
        Assert.Equal(4, (await NextAsync(other, RoomHubEvent.RoomUpdated)).GetProperty("settings").GetProperty("lastN").GetInt32());
        await SendsAsync(http, name, ann.Participant);
        using var operators = await RestAsync(name, new Grants(Admin: true));
        var detail = await operators.GetStringAsync($"/debug/rooms/{name}");
        Assert.Contains(ann.Participant, detail, StringComparison.Ordinal);
        Assert.DoesNotContain($"{name}-ann", detail, StringComparison.Ordinal);
        using (var curious = await http.GetAsync($"/debug/rooms/{name}"))
            Assert.Equal(HttpStatusCode.Forbidden, curious.StatusCode);

        using (var kicked = await http.DeleteAsync($"/api/rooms/{name}/participants/{ben.Participant}?reason=noise"))
            Assert.Equal(HttpStatusCode.NoContent, kicked.StatusCode);
        Assert.Equal(LeaveReason.Kicked, (await NextAsync(other, HubEvent.ParticipantLeft)).GetProperty("reason").GetString());
        await moderator.InvokeAsync<Done>("CloseRoom", new CloseRoomRequest(name));
        Assert.Equal(LeaveReason.Kicked, (await NextAsync(people, HubEvent.ParticipantLeft)).GetProperty("reason").GetString());
        Assert.Equal(LeaveReason.Closed, (await NextAsync(people, HubEvent.ParticipantLeft)).GetProperty("reason").GetString());
        Assert.Empty(await App.UsersInAsync(name));
    }

    async Task<HubClient> PersonAsync(int replica, string user, Grants? grants = null)
    {
        var source = new IPAddress([127, 3, (byte)Random.Shared.Next(256), (byte)Random.Shared.Next(1, 255)]);
        var hub = await HubClient.ConnectAsync(new HubClientOptions(App.Signaling[replica], await App.TokenAsync(user, grants)) { SourceAddress = source });
        await hub.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        return hub;
    }

    static async Task<JoinRoomResult> EnterAsync(LoadThread load, HubClient hub, string room, bool publishes)
    {
        var client = load.Create();
        if (publishes)
            client.Publish(SourceKind.Video, 200);
        var joined = await hub.InvokeAsync<JoinRoomResult>("JoinRoom", new JoinRoomRequest(room, Sdp: publishes ? client.Offer() : client.Offer(SourceKind.Video, 1)));
        await load.AcceptAsync(client, joined.Sdp!);
        await client.Connected.WaitAsync(Patience);
        await load.StartSourcesAsync();
        return joined;
    }

    async Task<HttpClient> RestAsync(string name, Grants grants)
    {
        var http = new HttpClient { BaseAddress = App.Signaling[0] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await App.TokenAsync($"{name}-rest", grants));
        return http;
    }

    /// <summary>Statistics are of the last two seconds, and asked for no more often than an operator would.</summary>
    static async Task SendsAsync(HttpClient http, string room, string participant)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        using var limit = new CancellationTokenSource(Patience);
        while (await timer.WaitForNextTickAsync(limit.Token))
        {
            var people = await http.GetFromJsonAsync<RoomParticipantInfo[]>($"/api/rooms/{room}/participants?statistics=true", ContractsJson.Options, limit.Token);
            if (people!.Single(one => one.Participant == participant).Statistics is { BitrateIn: > 50_000 })
                return;
        }
    }

    static async Task<string?> RefusalAsync(HubClient hub, string method, object argument)
    {
        try
        {
            await hub.InvokeAsync<Done>(method, argument);
            return null;
        }
        catch (HubCallException refused)
        {
            return refused.Error.Code;
        }
    }

    /// <summary>The next event of that name; others before it are passed over.</summary>
    static async Task<JsonElement> NextAsync(HubClient hub, string name)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var message = await hub.Events.ReadAsync(limit.Token);
            if (message.Name == name)
                return message.Payload;
        }
    }
}
