using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>Who gets a token from the join page's server, for what, and who does not.</summary>
public class JoinTokenTests
{
    const string Browser = "0f0e0d0c-0b0a-4908-8706-050403020100";

    static async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(WebHost web, object body, string? origin = "own", string? site = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/join/token") { Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json") };
        if (origin is not null)
            request.Headers.Add("Origin", origin == "own" ? web.Address.GetLeftPart(UriPartial.Authority) : origin);
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        using var response = await web.Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    [Fact]
    public async Task The_token_is_for_that_room_and_that_channel_alone()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        var (status, body) = await AskAsync(web, new { name = "  Ann  ", room = "stand-up", browser = Browser });

        Assert.Equal(HttpStatusCode.OK, status);
        var (authorization, request) = Assert.Single(signaling.TokenRequests, static one => one.Request.User != "console");
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{FakeSignaling.KeyId}:{FakeSignaling.KeySecret}")), authorization);
        Assert.Equal($"guest-{Browser}", request.User);
        Assert.Equal("Ann", request.Name);
        Assert.Equal(["stand-up"], request.Grants!.Rooms);
        Assert.Equal(["stand-up"], request.Grants.Channels);
        Assert.True(request.Grants.Publish);
        Assert.Null(request.Grants.Admin);
        Assert.Null(request.Grants.Moderate);
        Assert.Equal("stand-up", body.GetProperty("channel").GetString());
        Assert.Equal(request.User, body.GetProperty("user").GetString());
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("http://evil.example", null)]
    [InlineData("null", null)]
    [InlineData("own", "cross-site")]
    [InlineData("own", "same-site")]
    public async Task Pages_of_others_get_nothing(string? origin, string? site)
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address);
        var (status, body) = await AskAsync(web, new { name = "Ann", room = "lounge", browser = Browser }, origin, site);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal("forbidden", body.GetProperty("code").GetString());
        Assert.DoesNotContain(signaling.TokenRequests, static one => one.Request.User != "console");
    }

    [Theory]
    [InlineData("", "lounge", Browser, "name")]
    [InlineData("   ", "lounge", Browser, "name")]
    [InlineData("a\u0007b", "lounge", Browser, "name")]
    [InlineData("Ann", "", Browser, "room")]
    [InlineData("Ann", "team-*", Browser, "room")]
    [InlineData("Ann", "a b", Browser, "room")]
    [InlineData("Ann", "ä", Browser, "room")]
    [InlineData("Ann", "lounge", "admin", "browser")]
    [InlineData("Ann", "lounge", null, "browser")]
    public async Task A_mistake_names_its_field(string name, string room, string? browser, string field)
    {
        await using var web = await WebHost.StartAsync(null);
        var (status, body) = await AskAsync(web, new { name, room, browser });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid", body.GetProperty("code").GetString());
        Assert.Equal(field, body.GetProperty("field").GetString());
    }

    [Fact]
    public async Task Bodies_are_small_and_JSON()
    {
        await using var web = await WebHost.StartAsync(null);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await AskTooMuchAsync(web));
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(web, new[] { 1, 2 })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(web, "text")).Status);
    }

    /// <summary>Kestrel answers and closes while the body is still on its way, so the answer can be lost to the client: then it asks again.</summary>
    static async Task<HttpStatusCode?> AskTooMuchAsync(WebHost web)
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            try
            {
                return (await AskAsync(web, new { name = new string('x', 5000), room = "lounge", browser = Browser })).Status;
            }
            catch (HttpRequestException) when (attempt < 9)
            {
                continue;
            }
        }

        return null;
    }

    [Fact]
    public async Task Outside_Development_the_page_says_who_mints_tokens()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address, "Production");
        var (status, body) = await AskAsync(web, new { name = "Ann", room = "lounge", browser = Browser });
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("backend", body.GetProperty("message").GetString());
        Assert.Empty(signaling.TokenRequests);
        var config = await web.Http.GetFromJsonAsync<JsonElement>("/join/config");
        Assert.False(config.GetProperty("canJoin").GetBoolean());
        Assert.Equal(new Uri(signaling.Address, "/hub").AbsoluteUri, config.GetProperty("hub").GetString());
    }

    [Fact]
    public async Task Too_many_attempts_are_told_when_to_come_back()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await WebHost.StartAsync(signaling.Address, configuration: ("Join:TokensPerMinute", "3"));
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(web, new { name = "Ann", room = "lounge", browser = Browser })).Status);
        var (status, body) = await AskAsync(web, new { name = "Ann", room = "lounge", browser = Browser });
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Equal("rateLimited", body.GetProperty("code").GetString());
        Assert.InRange(body.GetProperty("retryAfterMs").GetInt32(), 1, 60_000);
    }

    [Theory]
    [InlineData(500, HttpStatusCode.ServiceUnavailable, "unavailable")]
    [InlineData(429, HttpStatusCode.TooManyRequests, "rateLimited")]
    [InlineData(401, HttpStatusCode.Forbidden, "forbidden")]
    public async Task What_signaling_refuses_is_explained(int answer, HttpStatusCode expected, string code)
    {
        await using var signaling = await FakeSignaling.StartAsync();
        signaling.RefuseTokensWith = answer;
        await using var web = await WebHost.StartAsync(signaling.Address);
        var (status, body) = await AskAsync(web, new { name = "Ann", room = "lounge", browser = Browser });
        Assert.Equal(expected, status);
        Assert.Equal(code, body.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Signaling_that_is_away_is_no_crash()
    {
        await using var web = await WebHost.StartAsync(new Uri("http://127.0.0.1:9"));
        var (status, body) = await AskAsync(web, new { name = "Ann", room = "lounge", browser = Browser });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("unavailable", body.GetProperty("code").GetString());
    }
}
