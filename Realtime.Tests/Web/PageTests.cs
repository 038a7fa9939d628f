using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>What the join page is made of arrives, and its policy forbids everything else.</summary>
public partial class PageTests
{
    [Fact]
    public async Task Everything_the_page_names_is_there()
    {
        await using var web = await WebHost.StartAsync(new Uri("http://127.0.0.1:9"));
        var page = await web.Http.GetStringAsync("/");
        var named = Reference().Matches(page).Select(static match => match.Groups[1].Value).Distinct().ToList();
        Assert.Contains("/app/join.js", named);
        foreach (var path in (string[])[.. named, "/app/console.js", "/Realtime.Web.styles.css"])
        {
            using var response = await web.Http.GetAsync(path);
            Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
            Assert.True((await response.Content.ReadAsByteArrayAsync()).Length > 20, path);
        }
    }

    [Fact]
    public async Task No_inline_code_and_a_policy_that_would_stop_it()
    {
        await using var web = await WebHost.StartAsync(new Uri("http://127.0.0.1:9"), configuration: ("Signaling:PublicUrl", "https://rt.example:8443"));
        using var response = await web.Http.GetAsync("/");
        var page = await response.Content.ReadAsStringAsync();
        Assert.DoesNotMatch(@"<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=|<style", page);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("connect-src 'self' https://rt.example:8443 wss://rt.example:8443;", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
    }

    [Fact]
    public async Task Without_signaling_the_page_says_so()
    {
        await using var web = await WebHost.StartAsync(null);
        using var response = await web.Http.GetAsync("/join/config");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("Signaling:PublicUrl", await response.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("""(?:href|src)="(/[^"#]+)["#]""")]
    private static partial Regex Reference();
}
