using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Realtime.Web.Access;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>Every route of the console, as it is mapped: who may, from where, and in whose frame. A new route is in here without being named.</summary>
public class ConsoleRouteTests
{
    const string Password = "a-password-of-the-tests";

    static readonly string[] s_open = ["/console/do/sign-in", "/console/sign-in"];

    static Task<WebHost> StartAsync(Uri? signaling = null) => WebHost.StartAsync(
        signaling, "Staging", ("Console:AdminPassword", Password), ("Console:KeyId", "console"), ("Console:KeySecret", "the-consoles-secret-of-the-tests-0123456789"));

    /// <summary>Paths with something in each of their places, and what they are asked with.</summary>
    static List<(string Method, string Path, bool IsOperators)> Routes(WebHost web) =>
    [
        .. web.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.RoutePattern.RawText?.TrimStart('/').StartsWith("console", StringComparison.Ordinal) == true && !endpoint.RoutePattern.RawText.Contains(".css", StringComparison.Ordinal))
            .SelectMany(static endpoint => (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Where(static method => method is "GET" or "POST").Select(method => (
                method, "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(static segment => string.Concat(segment.Parts.Select(static part => part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content : "rooms")))),
                endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(static one => one.Policy == ConsoleAccess.Operator))))
            .Distinct(),
    ];

    static async Task<ConsoleClient> SignedInAsync(WebHost web, string name)
    {
        var client = new ConsoleClient(web.Address);
        using (await client.GetAsync("/console/sign-in"))
            MakeSendable(client);
        using var response = await client.SignInAsync(name, Password);
        Assert.Equal("/console", response.Headers.Location?.OriginalString);
        MakeSendable(client);
        return client;
    }

    /// <summary>Staging's cookies are for https alone; the tests speak http.</summary>
    static void MakeSendable(ConsoleClient client)
    {
        foreach (var cookie in client.Cookies.GetAllCookies().Cast<Cookie>())
            cookie.Secure = false;
    }

    [Fact]
    public async Task Nothing_answers_without_its_role()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await StartAsync(signaling.Address);
        Assert.Null(web.Services.GetRequiredService<Accounts>().Put("vera", ConsoleRole.Viewer, Password));
        var routes = Routes(web).Where(static route => !s_open.Contains(route.Path)).ToList();
        Assert.InRange(routes.Count, 20, 200);
        using var nobody = new ConsoleClient(web.Address);
        foreach (var (method, path, _) in routes)
        {
            using var response = method == "GET" ? await nobody.GetAsync(path) : await nobody.PostAsync(path, null);
            Assert.True(IsToSignIn(response) || response.StatusCode is HttpStatusCode.Unauthorized, $"{method} {path}: {response.StatusCode}");
        }
        using var viewer = await SignedInAsync(web, "vera");
        var refused = 0;
        foreach (var (method, path, isOperators) in routes.Where(static route => route.IsOperators))
        {
            using var response = method == "GET" ? await viewer.GetAsync(path) : await viewer.PostAsync(path, "/console");
            Assert.True(response.StatusCode is HttpStatusCode.Forbidden || response.Headers.Location?.AbsolutePath == "/console/denied", $"{method} {path}: {response.StatusCode} {response.Headers.Location}");
            refused++;
        }
        Assert.InRange(refused, 5, 100);
        Assert.DoesNotContain(signaling.Calls, static call => call.Method != "GET");
    }

    [Fact]
    public async Task Every_form_asks_for_its_token_and_its_origin()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await StartAsync(signaling.Address);
        using var client = await SignedInAsync(web, Accounts.Admin);
        var forms = Routes(web).Where(static route => route.Method == "POST").Select(static route => route.Path).Where(static path => path.StartsWith("/console/do/", StringComparison.Ordinal)).ToList();
        Assert.InRange(forms.Count, 4, 50);
        foreach (var path in forms)
        {
            using (var withoutToken = await client.PostAsync(path, null))
                Assert.Equal(HttpStatusCode.BadRequest, withoutToken.StatusCode);
            using (var crossSite = await client.PostAsync(path, "/console", null, ("Sec-Fetch-Site", "cross-site")))
                Assert.Equal(HttpStatusCode.BadRequest, crossSite.StatusCode);
            using (var otherOrigin = await client.PostAsync(path, "/console", null, ("Origin", "https://evil.example")))
                Assert.Equal(HttpStatusCode.BadRequest, otherOrigin.StatusCode);
            using (var byGet = await client.GetAsync(path))
                Assert.True(byGet.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed, $"GET {path}: {byGet.StatusCode}");
        }
        Assert.DoesNotContain(signaling.Calls, static call => call.Method != "GET");
    }

    [Fact]
    public async Task Every_page_is_framed_by_nobody_and_runs_nothing_inline()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await StartAsync(signaling.Address);
        using var client = await SignedInAsync(web, Accounts.Admin);
        var pages = 0;
        foreach (var (_, path, _) in Routes(web).Where(static route => route.Method == "GET" && !route.Path.Contains("/live/", StringComparison.Ordinal)))
        {
            using var response = await client.GetAsync(path);
            var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self';", policy);
            Assert.Contains("frame-ancestors 'none'", policy);
            Assert.Contains("form-action 'self'", policy);
            Assert.DoesNotContain("unsafe", policy);
            Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
            Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
            Assert.True(response.Headers.CacheControl?.NoStore, path);
            if (response.Content.Headers.ContentType?.MediaType != "text/html")
                continue;
            Assert.DoesNotMatch(@"<script(?![^>]*\ssrc=)|<[^>]+\s(on\w+|style)=|<style|javascript:", await response.Content.ReadAsStringAsync());
            pages++;
        }
        Assert.InRange(pages, 15, 100);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/console")]
    [InlineData("/console/../../evil")]
    [InlineData("/console/\\evil.example")]
    public async Task What_was_done_leads_back_to_the_console_alone(string back)
    {
        await using var signaling = await FakeSignaling.StartAsync();
        await using var web = await StartAsync(signaling.Address);
        using var client = await SignedInAsync(web, Accounts.Admin);
        using var done = await client.PostAsync("/console/do/act/recheck-mode", "/console", new() { ["back"] = back });
        Assert.Equal(HttpStatusCode.Redirect, done.StatusCode);
        Assert.Equal("/console", done.Headers.Location?.OriginalString);
    }

    static bool IsToSignIn(HttpResponseMessage response) => response is { StatusCode: HttpStatusCode.Redirect, Headers.Location: { } to } && to.AbsolutePath == "/console/sign-in";
}
