using System.Net;
using System.Text;
using Realtime.Contracts;
using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Realtime.Tests.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Signaling.Whip;

/// <summary>Every status of RFC 9725, as a client sees it.</summary>
public sealed class WhipStatusTests(WhipServer server) : IClassFixture<WhipServer>
{
    static readonly string Publishing = ChromiumOffer.Text("sendonly");
    static readonly string Playing = ChromiumOffer.Text("recvonly");

    [Fact]
    public async Task An_offer_is_answered_with_all_that_a_client_needs()
    {
        using var response = await server.PostAsync("/whip/lobby", server.NewUser(), Publishing);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(WhipServer.Sdp, response.Content.Headers.ContentType!.ToString());
        Assert.Matches("^/whip/lobby/sessions/[A-Za-z0-9._-]+$", response.Headers.Location!.OriginalString);
        Assert.False(response.Headers.ETag!.IsWeak);
        Assert.Equal(WhipServer.Fragment, response.Headers.GetValues("Accept-Patch").Single());
        var links = response.Headers.GetValues("Link").ToArray();
        Assert.Equal("<stun:stun.example.org:3478>; rel=\"ice-server\"", links[0]);
        Assert.Matches("^<turn:turn.example.org:3478\\?transport=udp>; rel=\"ice-server\"; username=\"[0-9]+:user-[0-9]+\"; credential=\"[^\"]+\"; credential-type=\"password\"$", links[1]);
        var answer = TestAnswer.Read(await response.Content.ReadAsStringAsync());
        Assert.All(answer.Sections, section => Assert.Equal((false, MediaDirection.RecvOnly), (section.IsRejected, section.Direction)));
    }

    [Theory]
    [InlineData("/whep/nobody-there")]
    [InlineData("/whep/nobody-there/some-user")]
    public async Task A_player_is_answered_before_anybody_publishes(string path)
    {
        var (location, _, answer) = await server.OpenAsync(path, server.NewUser(), Playing);
        Assert.StartsWith("/whep/nobody-there/sessions/", location);
        Assert.All(TestAnswer.Read(answer).Sections, section => Assert.Equal((false, MediaDirection.SendOnly), (section.IsRejected, section.Direction)));
    }

    [Fact]
    public async Task A_data_channel_is_answered_with_port_zero()
    {
        var (_, _, answer) = await server.OpenAsync($"/whip/{WhipServer.NewRoom()}", server.NewUser(), ChromiumOffer.Text("datachannel"));
        Assert.Equal([false, false, true], TestAnswer.Read(answer).Sections.Select(section => section.IsRejected));
        Assert.Contains("m=application 0 ", answer);
    }

    [Fact]
    public async Task A_bundle_only_section_and_no_candidates_are_enough()
    {
        var offer = Publishing.Replace("m=video 60123", "m=video 0").Replace("a=mid:1", "a=mid:1\r\na=bundle-only");
        var video = offer.IndexOf("m=video", StringComparison.Ordinal);
        offer = offer[..video] + string.Concat(offer[video..].Split('\n').Where(line => !line.StartsWith("a=rtcp-mux") && !line.StartsWith("a=ice-") && !line.StartsWith("a=fingerprint") && !line.StartsWith("a=setup")).Select(line => $"{line}\n"));
        offer = string.Concat(offer.Split('\n').Where(line => !line.StartsWith("a=candidate", StringComparison.Ordinal)).Select(line => $"{line}\n"));
        var (_, _, answer) = await server.OpenAsync($"/whip/{WhipServer.NewRoom()}", server.NewUser(), offer);
        Assert.All(TestAnswer.Read(answer).Sections, section => Assert.False(section.IsRejected));
        Assert.Contains("a=end-of-candidates", answer);
    }

    [Theory]
    [InlineData("PUT", "/whip/lobby", "GET, HEAD, OPTIONS, POST")]
    [InlineData("DELETE", "/whep/lobby", "GET, HEAD, OPTIONS, POST")]
    [InlineData("PATCH", "/whep/lobby/ann", "GET, HEAD, OPTIONS, POST")]
    [InlineData("POST", "/whip/lobby/sessions/x", "DELETE, GET, HEAD, OPTIONS, PATCH")]
    [InlineData("PUT", "/whep/lobby/sessions/x", "DELETE, GET, HEAD, OPTIONS, PATCH")]
    public async Task Other_methods_are_refused_with_what_is_allowed(string method, string path, string allowed)
    {
        using var response = await server.SendAsync(new HttpMethod(method), path, server.NewUser());
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
        Assert.Equal(405, (await WhipServer.ProblemAsync(response)).Status);
    }

    [Theory]
    [InlineData("GET", "/whip/lobby")]
    [InlineData("HEAD", "/whep/lobby")]
    [InlineData("GET", "/whep/lobby/ann")]
    public async Task There_is_nothing_to_get_but_the_type_that_is_taken(string method, string path)
    {
        using var response = await server.SendAsync(new HttpMethod(method), path);
        Assert.Equal((HttpStatusCode.OK, WhipServer.Sdp, 0L), (response.StatusCode, response.Content.Headers.ContentType?.ToString(), response.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Options_tell_what_is_taken_and_to_users_the_servers()
    {
        using var anonymous = await server.SendAsync(HttpMethod.Options, "/whip/lobby");
        Assert.Equal((HttpStatusCode.OK, WhipServer.Sdp, false), (anonymous.StatusCode, anonymous.Headers.GetValues("Accept-Post").Single(), anonymous.Headers.Contains("Link")));
        using var user = await server.SendAsync(HttpMethod.Options, "/whip/lobby", server.NewUser());
        Assert.Equal(2, user.Headers.GetValues("Link").Count());
    }

    [Theory]
    [InlineData("https://studio.example.org", true)]
    [InlineData("https://evil.example.org", false)]
    public async Task Pages_of_allowed_origins_may_call(string origin, bool allowed)
    {
        using var preflight = await server.SendAsync(
            HttpMethod.Options, "/whip/lobby", headers: [("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type")]);
        Assert.True(preflight.IsSuccessStatusCode);
        Assert.Equal(WhipServer.Sdp, preflight.Headers.GetValues("Accept-Post").Single());
        Assert.False(preflight.Headers.Contains("Link"));
        Assert.Equal(allowed, preflight.Headers.Contains("Access-Control-Allow-Origin"));
        using var response = await server.SendAsync(HttpMethod.Post, "/whip/lobby", server.NewUser(), WhipServer.Body(Publishing), headers: [("Origin", origin)]);
        Assert.Equal(allowed, response.Headers.Contains("Access-Control-Allow-Origin"));
        if (!allowed)
            return;
        var exposed = string.Join(',', response.Headers.GetValues("Access-Control-Expose-Headers")).Split(',', StringSplitOptions.TrimEntries);
        foreach (var header in new[] { "Location", "ETag", "Link", "Accept-Patch", "Retry-After" })
            Assert.Contains(header, exposed);
    }

    [Theory]
    [InlineData("POST", "/whip/lobby")]
    [InlineData("POST", "/whep/lobby")]
    [InlineData("PATCH", "/whip/lobby/sessions/x")]
    [InlineData("DELETE", "/whip/lobby/sessions/x")]
    public async Task Without_a_token_nothing_is_done(string method, string path)
    {
        using var response = await server.SendAsync(new HttpMethod(method), path, body: WhipServer.Body(Publishing));
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal((401, ErrorCode.Unauthenticated, null), await WhipServer.ProblemAsync(response));
    }

    [Theory]
    [InlineData("/whip/lobby", false, true, "*")]
    [InlineData("/whep/lobby", true, false, "*")]
    [InlineData("/whip/lobby", true, true, "team-*")]
    public async Task What_is_not_granted_is_forbidden(string path, bool publish, bool subscribe, string rooms) =>
        Assert.Equal(403, (await WhipServer.ProblemAsync(
            await server.PostAsync(path, server.NewUser(), Publishing, grants: new Grants(Rooms: [rooms], Publish: publish, Subscribe: subscribe)))).Status);

    [Theory]
    [InlineData("application/json", null, 415, "Content-Type")]
    [InlineData("application/trickle-ice-sdpfrag", null, 415, "Content-Type")]
    [InlineData("application/sdp", "text/html, application/json;q=0.9", 406, "Accept")]
    public async Task Types_are_looked_at_first(string type, string? accept, int status, string field)
    {
        var response = await server.SendAsync(HttpMethod.Post, "/whip/lobby", server.NewUser(), WhipServer.Body(Publishing, type), headers: accept is null ? [] : [("Accept", accept)]);
        Assert.Equal((status, ErrorCode.Unsupported, field), await WhipServer.ProblemAsync(response));
    }

    [Theory]
    [InlineData("application/sdp; charset=utf-8", "application/sdp, */*;q=0.1")]
    [InlineData("Application/SDP", "*/*")]
    public async Task Parameters_and_wildcards_of_types_do_not_matter(string type, string accept)
    {
        using var response = await server.SendAsync(HttpMethod.Post, $"/whip/{WhipServer.NewRoom()}", server.NewUser(), WhipServer.Body(Publishing, type), headers: [("Accept", accept)]);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    public async Task An_offer_that_cannot_be_read_is_400_with_its_place()
    {
        var user = server.NewUser();
        foreach (var (body, field) in new (byte[] Body, string? Field)[]
        {
            ([], "body"),
            ([0xFF, 0xFE, 0x00, 0x80], "body"),
            (Encoding.UTF8.GetBytes("v=0"), "m="),
            (new byte[1000], null),
            (Encoding.UTF8.GetBytes("{\"sdp\":\"v=0\"}"), null),
            (Encoding.UTF8.GetBytes(Publishing[..(Publishing.Length / 2)] + "\n\nrubbish\n"), null),
            (Encoding.UTF8.GetBytes(Publishing.Replace("a=ice-pwd:", "a=ice-nothing:")), "a=ice-pwd"),
            (Encoding.UTF8.GetBytes(Publishing.Replace("a=mid:1", "a=mid:0")), "a=mid"),
        })
        {
            var problem = await WhipServer.ProblemAsync(await server.SendAsync(HttpMethod.Post, "/whip/lobby", user, WhipServer.Body(body)));
            Assert.NotNull(problem.Field);
            Assert.Equal((400, ErrorCode.Invalid, field ?? problem.Field), problem);
        }
    }

    [Fact]
    public async Task An_offer_of_something_else_is_422_as_a_whole()
    {
        var user = server.NewUser();
        foreach (var (path, offer, field) in new[]
        {
            ("/whip/lobby", Playing, "a=recvonly"),
            ("/whep/lobby", Publishing, "a=sendonly"),
            ("/whip/lobby", Publishing.Replace("a=sendonly", "a=inactive"), "a=inactive"),
            ("/whip/lobby", Publishing.Replace("opus/48000/2", "speex/48000/2"), "a=rtpmap"),
            ("/whip/lobby", Publishing.Replace("a=setup:actpass", "a=setup:passive"), "a=setup"),
            ("/whip/lobby", Publishing.Replace("m=video", "m=audio"), "m="),
            ("/whip/lobby", Publishing.Replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "m="),
            ("/whip/lobby", Publishing.Replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"), "a=group:BUNDLE"),
        })
            Assert.Equal((422, ErrorCode.Unsupported, field), await WhipServer.ProblemAsync(await server.PostAsync(path, user, offer)));
        Assert.Empty(server.Directory().Sessions((_, info) => info.User == user));
    }

    [Fact]
    public async Task A_giant_is_refused_by_its_announced_size_and_by_its_real_one()
    {
        var user = server.NewUser();
        var giant = Encoding.UTF8.GetBytes(Publishing + string.Concat(Enumerable.Repeat("a=x-padding:0123456789\r\n", 3000)));
        Assert.Equal((413, ErrorCode.TooLarge, "body"), await WhipServer.ProblemAsync(await server.SendAsync(HttpMethod.Post, "/whip/lobby", user, WhipServer.Body(giant))));
        using var chunked = new StreamContent(new MemoryStream(giant)) { Headers = { ContentType = new(WhipServer.Sdp) } };
        using var response = await server.SendAsync(HttpMethod.Post, "/whip/lobby", user, chunked, headers: [("Transfer-Encoding", "chunked")]);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        var nested = Publishing + string.Concat(Enumerable.Range(2, 130).Select(i => $"m=application 0 UDP/DTLS/SCTP x\r\na=mid:{i}\r\n"));
        Assert.Equal(413, (await WhipServer.ProblemAsync(await server.PostAsync("/whip/lobby", user, nested))).Status);
    }

    [Theory]
    [InlineData("/whip/a%0d%0aX-Injected:%201")]
    [InlineData("/whip/%F0%9F%92%A9")]
    [InlineData("/whep/lobby/%22%3E%0d%0a")]
    [InlineData("/whip/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task No_name_gets_into_a_header(string path)
    {
        using var response = await server.PostAsync(path, server.NewUser(), path.StartsWith("/whip") ? Publishing : Playing);
        Assert.False(response.Headers.Contains("X-Injected"));
        Assert.Equal(400, (await WhipServer.ProblemAsync(response)).Status);
    }

    [Fact]
    public async Task Who_asks_too_often_is_told_when_to_come_back()
    {
        var user = server.NewUser();
        HttpResponseMessage response;
        var asked = 0;
        do
        {
            response = await server.PostAsync("/whip/lobby", user, "v=0");
            asked++;
        }
        while (response.StatusCode == HttpStatusCode.BadRequest && asked < 30);
        Assert.Equal(21, asked);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 3);
        Assert.Equal((429, ErrorCode.RateLimited, null), await WhipServer.ProblemAsync(response));
    }
}
