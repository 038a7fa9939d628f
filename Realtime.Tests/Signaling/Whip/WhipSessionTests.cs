using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Tests.Harness;
using Realtime.Tests.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Signaling.Whip;

/// <summary>A session from its offer to its end, at either replica.</summary>
public sealed partial class WhipSessionTests(WhipServer server) : IClassFixture<WhipServer>
{
    static readonly string Publishing = ChromiumOffer.Text("sendonly");
    static readonly string Playing = ChromiumOffer.Text("recvonly");

    /// <summary>Of the offer in <see cref="Publishing"/>.</summary>
    static readonly string Trickle = $"a=mid:0\r\na=ice-ufrag:{UfragLine().Match(Publishing).Groups[1].Value.Trim()}\r\na=ice-pwd:{PwdLine().Match(Publishing).Groups[1].Value.Trim()}\r\na=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n";

    static string Restart(string ufrag) => $"a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:{ufrag}\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Candidates_are_taken_for_the_ice_session_they_name(int replica)
    {
        var user = server.NewUser();
        var (location, etag, _) = await server.OpenAsync($"/whip/{WhipServer.NewRoom()}", user, Publishing);
        foreach (var (ifMatch, status) in new[] { (etag, 204), ($"\"other\", {etag}", 204), ("\"*\"", 204), ("*", 204), ("\"other\"", 412), ($"W/{etag}", 412) })
        {
            using var response = await server.PatchAsync(location, user, Trickle, ifMatch, replica);
            Assert.Equal((status, false), ((int)response.StatusCode, response.Headers.Contains("ETag")));
        }
        Assert.Equal((428, ErrorCode.Invalid, "If-Match"), await WhipServer.ProblemAsync(await server.PatchAsync(location, user, Trickle, null, replica)));
        Assert.Equal((400, ErrorCode.Invalid, "If-Match"), await WhipServer.ProblemAsync(await server.PatchAsync(location, user, Trickle, "unquoted", replica)));
    }

    [Fact]
    public async Task A_restart_answers_with_new_credentials_and_a_new_tag()
    {
        var user = server.NewUser();
        var (location, first, answer) = await server.OpenAsync($"/whip/{WhipServer.NewRoom()}", user, Publishing);

        using var restarted = await server.PatchAsync(location, user, Restart("ysXw"), "\"*\"", replica: 1);
        var fragment = await restarted.Content.ReadAsStringAsync();
        var second = restarted.Headers.ETag!.ToString();

        Assert.Equal((HttpStatusCode.OK, WhipServer.Fragment), (restarted.StatusCode, restarted.Content.Headers.ContentType!.ToString()));
        Assert.NotEqual(first, second);
        Assert.Contains("a=ice-lite\r\n", fragment);
        Assert.Contains("a=mid:0\r\n", fragment);
        Assert.NotEqual(UfragLine().Match(answer).Value, UfragLine().Match(fragment).Value);
        Assert.NotEqual(PwdLine().Match(answer).Value, PwdLine().Match(fragment).Value);
        Assert.Equal(answer.Split('\n').Where(line => line.StartsWith("a=candidate", StringComparison.Ordinal)), fragment.Split('\n').Where(line => line.StartsWith("a=candidate", StringComparison.Ordinal)));

        // The old session is no more; a restart whose answer was lost may be asked for again.
        using var late = await server.PatchAsync(location, user, Trickle, first);
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        using var again = await server.PatchAsync(location, user, Restart("ysXw"), "*");
        Assert.Equal((HttpStatusCode.OK, second, fragment), (again.StatusCode, again.Headers.ETag!.ToString(), await again.Content.ReadAsStringAsync()));
        using var candidates = await server.PatchAsync(location, user, Restart("ysXw"), second);
        Assert.Equal(HttpStatusCode.NoContent, candidates.StatusCode);
    }

    [Fact]
    public async Task A_fragment_is_looked_at_like_an_offer()
    {
        var user = server.NewUser();
        var (location, etag, _) = await server.OpenAsync($"/whip/{WhipServer.NewRoom()}", user, Publishing);
        var type = await server.SendAsync(HttpMethod.Patch, location, user, WhipServer.Body(Trickle), headers: [("If-Match", etag)]);
        Assert.Equal(WhipServer.Fragment, type.Headers.GetValues("Accept-Patch").Single());
        Assert.Equal((415, ErrorCode.Unsupported, "Content-Type"), await WhipServer.ProblemAsync(type));
        Assert.Equal((400, ErrorCode.Invalid, null), await WhipServer.ProblemAsync(await server.PatchAsync(location, user, "rubbish", etag)));
        Assert.Equal((400, ErrorCode.Invalid, "a=ice-pwd"), await WhipServer.ProblemAsync(await server.PatchAsync(location, user, "a=ice-ufrag:ysXw\r\na=ice-pwd:short", "*")));
        Assert.Equal((413, ErrorCode.TooLarge, "body"), await WhipServer.ProblemAsync(await server.PatchAsync(location, user, new string('a', 20_000), etag)));
    }

    [Fact]
    public async Task A_session_ends_by_delete_once_and_for_all()
    {
        var (user, room) = (server.NewUser(), WhipServer.NewRoom());
        var (location, etag, _) = await server.OpenAsync($"/whip/{room}", user, Publishing);
        await Eventually.TrueAsync(() => server.Directory(1).Participants(room).Count == 1, what: "the publisher is seen");
        using (var there = await server.SendAsync(HttpMethod.Get, location, user))
            Assert.Equal(HttpStatusCode.NoContent, there.StatusCode);

        foreach (var replica in new[] { 1, 0 })
        {
            using var ended = await server.SendAsync(HttpMethod.Delete, location, user, replica: replica, headers: [("If-Match", "\"whatever\"")]);
            Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
        }

        await Eventually.TrueAsync(() => server.Directory(0).Participants(room).Count == 0, what: "the publisher is gone");
        Assert.Equal((404, ErrorCode.NotFound, null), await WhipServer.ProblemAsync(await server.PatchAsync(location, user, Trickle, etag)));
    }

    [Fact]
    public async Task A_session_is_its_users_alone()
    {
        var (user, room) = (server.NewUser(), WhipServer.NewRoom());
        var (location, etag, _) = await server.OpenAsync($"/whip/{room}", user, Publishing);
        foreach (var (path, who) in new[] { (location, server.NewUser()), (location.Replace(room, "other"), user), (location.Replace("/whip/", "/whep/"), user), ($"{location}x", user) })
        {
            Assert.Equal(404, (await WhipServer.ProblemAsync(await server.SendAsync(HttpMethod.Delete, path, who))).Status);
            Assert.Equal(404, (await WhipServer.ProblemAsync(await server.PatchAsync(path, who, Trickle, etag))).Status);
        }
        using var untouched = await server.PatchAsync(location, user, Trickle, etag);
        Assert.Equal(HttpStatusCode.NoContent, untouched.StatusCode);
    }

    [Fact]
    public async Task Publishers_are_announced_with_their_tracks_and_viewers_are_not()
    {
        var room = WhipServer.NewRoom();
        var (publisher, viewer) = (server.NewUser(), server.NewUser());
        await using var client = await server.ConnectAsync("ann");
        await client.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        var joined = await client.InvokeAsync<JoinRoomResult>("JoinRoom", new JoinRoomRequest(room));

        await server.OpenAsync($"/whep/{room}", viewer, Playing);
        await server.OpenAsync($"/whip/{room}", publisher, Publishing, replica: 1);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var heard = new List<HubEventMessage>();
        while (heard.Count(message => message.Name == HubEvent.TrackPublished) < 2)
            heard.Add(await client.Events.ReadAsync(patience.Token));
        var arrival = Assert.Single(heard, message => message.Name == HubEvent.ParticipantJoined).Read<ParticipantJoinedEvent>().Participant;
        Assert.Equal((publisher, JoinedVia.Whip), (arrival.User, arrival.Via));
        var tracks = heard.Where(message => message.Name == HubEvent.TrackPublished).Select(message => message.Read<TrackPublishedEvent>().Track);
        Assert.Equal([(MediaKind.Audio, "microphone"), (MediaKind.Video, "camera")], tracks.Select(track => (track.Kind, track.Source)));

        // The same for one who comes later; operators see all.
        await using var late = await server.ConnectAsync("ben", 1);
        await late.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        var there = await late.InvokeAsync<JoinRoomResult>("JoinRoom", new JoinRoomRequest(room));
        Assert.Equal(new[] { "ann", "ben", publisher }.Order(), there.Participants.Select(participant => participant.User).Order());
        Assert.Equal(4, server.Directory().Participants(room).Count);
        Assert.NotEqual(joined.Participant, there.Participant);
    }

    [Fact]
    public async Task A_revoked_token_and_a_revoked_user_end_what_they_opened()
    {
        var room = WhipServer.NewRoom();
        var (first, second) = (server.NewUser(), server.NewUser());
        await server.OpenAsync($"/whip/{room}", first, Publishing);
        await server.OpenAsync($"/whep/{room}", second, Playing);
        await Eventually.TrueAsync(() => server.Directory().Participants(room).Count == 2, what: "both are in the room");
        var token = Assert.Single(server.Directory().Sessions((_, info) => info.User == second)).Token;

        await RevokeAsync(HttpMethod.Delete, $"/api/tokens/{token}");
        await Eventually.TrueAsync(() => server.Directory().Participants(room).Count == 1, what: "the token's session is ended");
        await RevokeAsync(HttpMethod.Post, $"/api/users/{first}/revoke");
        await Eventually.TrueAsync(() => server.Directory().Participants(room).Count == 0, what: "the user's session is ended");
    }

    async Task RevokeAsync(HttpMethod method, string path)
    {
        using var http = new HttpClient { BaseAddress = server.Servers[1] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{AuthOptions.DevelopmentKey}:{AuthOptions.DevelopmentSecret}")));
        using var request = new HttpRequestMessage(method, path);
        using var response = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task A_user_has_a_bounded_number_of_sessions()
    {
        var (user, room) = (server.NewUser(), WhipServer.NewRoom());
        for (var i = 0; i < WhipServer.SessionsPerUser; i++)
            await server.OpenAsync($"/whep/{room}", user, Playing, replica: i % 2);
        await Eventually.TrueAsync(() => server.Directory().Sessions((_, info) => info.User == user).Count == WhipServer.SessionsPerUser, what: "all are seen");
        var refused = await server.PostAsync($"/whep/{room}", user, Playing);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal((429, ErrorCode.RateLimited, null), await WhipServer.ProblemAsync(refused));
    }

    [GeneratedRegex("^a=ice-ufrag:(.*)$", RegexOptions.Multiline)]
    private static partial Regex UfragLine();

    [GeneratedRegex("^a=ice-pwd:(.*)$", RegexOptions.Multiline)]
    private static partial Regex PwdLine();
}
