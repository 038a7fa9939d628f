using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Realtime.Web.Access;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>Nothing of the console answers without its role, and nobody is led astray.</summary>
public class ConsoleAccessTests
{
    const string Password = "a-password-of-the-tests";

    static Task<WebHost> StartAsync(Uri? signaling = null, string environment = "Staging") => WebHost.StartAsync(
        signaling, environment, ("Console:AdminPassword", Password), ("Console:KeyId", "console"), ("Console:KeySecret", "the-consoles-secret-of-the-tests-0123456789"));

    /// <summary>Staging's cookies are for https alone; the tests speak http.</summary>
    static void MakeSendable(ConsoleClient client)
    {
        foreach (var cookie in client.Cookies.GetAllCookies().Cast<Cookie>())
            cookie.Secure = false;
    }

    static async Task<ConsoleClient> SignedInAsync(WebHost web, string name = Accounts.Admin, string password = Password)
    {
        var client = new ConsoleClient(web.Address);
        using (await client.GetAsync("/console/sign-in"))
            MakeSendable(client);
        using var response = await client.SignInAsync(name, password);
        Assert.Equal("/console", response.Headers.Location?.OriginalString);
        MakeSendable(client);
        return client;
    }

    [Fact]
    public async Task Every_endpoint_of_the_console_asks_for_a_role()
    {
        await using var web = await StartAsync();
        var endpoints = web.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.RoutePattern.RawText?.TrimStart('/').StartsWith("console", StringComparison.Ordinal) == true && !endpoint.RoutePattern.RawText.Contains(".css")).ToList();
        Assert.InRange(endpoints.Count, 20, 200);
        var open = endpoints.Where(static endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(static endpoint => endpoint.RoutePattern.RawText!.TrimStart('/'));
        Assert.Equal(["console/do/sign-in", "console/sign-in"], open.Distinct().Order());
        Assert.All(endpoints.Where(static endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null), static endpoint =>
            Assert.True(endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null || endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is not null, endpoint.DisplayName));
        using var nobody = new ConsoleClient(web.Address);
        foreach (var path in (string[])["/console", "/console/crashes", "/console/act/close-room?room=x", "/console/audit/export", "/console/live/overview"])
        {
            using var response = await nobody.GetAsync(path);
            Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
            Assert.StartsWith("/console/sign-in", response.Headers.Location!.PathAndQuery);
        }
    }

    [Theory]
    [InlineData("localhost", null, true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("console.example", null, false)]
    [InlineData("127.0.0.1", "203.0.113.7", false)]
    [InlineData("127.0.0.1", "203.0.113.7, 127.0.0.1", false)]
    [InlineData("127.0.0.1", "unknown", false)]
    public async Task In_Development_whoever_is_at_the_machine_is_in(string host, string? forwardedFor, bool isIn)
    {
        await using var web = await StartAsync(environment: "Development");
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = web.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/console") { Headers = { Host = $"{host}:{web.Address.Port}" } };
        if (forwardedFor is not null)
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        using var response = await http.SendAsync(request);
        Assert.Equal(isIn ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Signing_out_holds_in_Development_too()
    {
        await using var web = await StartAsync(environment: "Development");
        using var client = new ConsoleClient(web.Address);
        using (var response = await client.PostAsync("/console/do/sign-out", "/console"))
            Assert.Equal("/console/sign-in", response.Headers.Location?.OriginalString);
        using (var response = await client.GetAsync("/console"))
            Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        using (await client.SignInAsync(Accounts.Admin, Password))
            Assert.Contains("Overview", await client.ReadAsync("/console"));
    }

    [Fact]
    public async Task Cookies_are_for_https_for_the_server_and_for_this_site_alone()
    {
        await using var web = await StartAsync();
        using var client = new ConsoleClient(web.Address);
        using (await client.GetAsync("/console/sign-in"))
            MakeSendable(client);
        using var response = await client.SignInAsync(Accounts.Admin, Password);
        var cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"), static one => one.StartsWith("__Host-realtime.console=", StringComparison.Ordinal));
        Assert.Contains("secure", cookie);
        Assert.Contains("httponly", cookie);
        Assert.Contains("samesite=lax", cookie);
        Assert.Contains("path=/", cookie);
    }

    [Fact]
    public async Task Five_failures_lock_the_name_out_with_the_right_password_too()
    {
        await using var web = await StartAsync();
        using var client = new ConsoleClient(web.Address);
        using (await client.GetAsync("/console/sign-in"))
            MakeSendable(client);
        for (var i = 0; i < SignInAttempts.FailuresPerName; i++)
        {
            using var wrong = await client.SignInAsync(Accounts.Admin, "not it at all");
            Assert.StartsWith("/console/sign-in", wrong.Headers.Location!.OriginalString);
        }
        using var right = await client.SignInAsync(Accounts.Admin, Password);
        Assert.StartsWith("/console/sign-in", right.Headers.Location!.OriginalString);
        MakeSendable(client);
        Assert.Contains("Too many attempts", await client.ReadAsync("/console/sign-in"));
    }

    [Fact]
    public async Task A_viewer_looks_and_does_not_act()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await StartAsync(signaling.Address);
        Assert.Null(web.Services.GetRequiredService<Accounts>().Put("vera", ConsoleRole.Viewer, Password));
        using var client = await SignedInAsync(web, "vera");
        Assert.Contains("data-role=\"viewer\"", await client.ReadAsync("/console"));
        foreach (var path in (string[])["/console/act/close-room?room=lounge", "/console/accounts"])
        {
            using var page = await client.GetAsync(path);
            Assert.StartsWith("/console/denied", page.Headers.Location!.PathAndQuery);
        }
        using var act = await client.PostAsync("/console/do/act/close-room", "/console", new() { ["room"] = "lounge" });
        Assert.Equal(HttpStatusCode.Forbidden, act.StatusCode);
        Assert.DoesNotContain(signaling.Calls, static call => call.Method != "GET");
    }

    [Fact]
    public async Task An_operator_acts_in_their_own_name()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await StartAsync(signaling.Address);
        using var client = await SignedInAsync(web);
        var question = await client.ReadAsync("/console/act/close-room?room=lounge");
        Assert.Contains("The call in the room lounge ends for everybody in it.", question);
        using var done = await client.PostAsync("/console/do/act/close-room", "/console/act/close-room?room=lounge", new() { ["room"] = "lounge", ["back"] = "/console/rooms" });
        Assert.Equal("/console/rooms", done.Headers.Location?.OriginalString);
        var call = Assert.Single(signaling.Calls, static call => call.Method != "GET");
        Assert.Equal(("DELETE", "/api/rooms/lounge", "console:admin"), (call.Method, call.Path, call.User));
    }

    [Fact]
    public async Task A_form_of_another_site_does_nothing()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await StartAsync(signaling.Address);
        using var client = await SignedInAsync(web);
        var fields = new Dictionary<string, string> { ["room"] = "lounge" };
        using (var withoutToken = await client.PostAsync("/console/do/act/close-room", null, fields))
            Assert.Equal(HttpStatusCode.BadRequest, withoutToken.StatusCode);
        using (var crossSite = await client.PostAsync("/console/do/act/close-room", "/console", fields, ("Sec-Fetch-Site", "cross-site")))
            Assert.Equal(HttpStatusCode.BadRequest, crossSite.StatusCode);
        using (var otherOrigin = await client.PostAsync("/console/do/act/close-room", "/console", fields, ("Origin", "https://evil.example")))
            Assert.Equal(HttpStatusCode.BadRequest, otherOrigin.StatusCode);
        using (var byGet = await client.GetAsync("/console/do/act/close-room?room=lounge"))
            Assert.Equal(HttpStatusCode.NotFound, byGet.StatusCode);
        Assert.DoesNotContain(signaling.Calls, static call => call.Method != "GET");
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/console")]
    [InlineData("/\\evil.example")]
    [InlineData("/console/\\evil.example")]
    [InlineData("/consolexyz")]
    [InlineData("/console\nSet-Cookie:x=1")]
    [InlineData("javascript:alert(1)")]
    public async Task Nobody_is_led_to_another_site(string back)
    {
        await using var web = await StartAsync();
        using var client = new ConsoleClient(web.Address);
        using (await client.GetAsync("/console/sign-in"))
            MakeSendable(client);
        using var response = await client.SignInAsync(Accounts.Admin, Password, back);
        Assert.Equal("/console", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_removed_account_is_out_with_its_next_request()
    {
        await using var web = await StartAsync();
        var accounts = web.Services.GetRequiredService<Accounts>();
        Assert.Null(accounts.Put("vera", ConsoleRole.Viewer, Password));
        using var client = await SignedInAsync(web, "vera");
        Assert.Null(accounts.Remove("vera"));
        using var response = await client.GetAsync("/console");
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.NotNull(accounts.Remove(Accounts.Admin));
    }

    [Fact]
    public async Task Pages_are_framed_by_nobody_and_kept_by_no_cache()
    {
        await using var web = await StartAsync(environment: "Development");
        using var client = new ConsoleClient(web.Address);
        using var response = await client.GetAsync("/console");
        Assert.Contains("frame-ancestors 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.DoesNotMatch(@"<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|<style", await response.Content.ReadAsStringAsync());
    }
}
