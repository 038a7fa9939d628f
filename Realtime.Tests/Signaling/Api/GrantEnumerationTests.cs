using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Realtime.Contracts;
using Realtime.Tests.Signaling.Hubs;
using Xunit;

namespace Realtime.Tests.Signaling.Api;

/// <summary>Every endpoint of the route table is refused without a token and without its grant; a new one is found here by itself.</summary>
[Collection(GuardCollection.Name)]
public sealed partial class GrantEnumerationTests(TwoReplicas replicas)
{
    /// <summary>What anybody may ask for.</summary>
    static readonly string[] Open =
    [
        "GET /health", "GET /alive", "GET /ready", "GET /openapi/v1.json",
        // RFC 9725 wants success without content, and discovery before a token is shown.
        "GET /whip/r", "HEAD /whip/r", "OPTIONS /whip/r", "GET /whep/r", "HEAD /whep/r", "OPTIONS /whep/r", "GET /whep/r/p", "HEAD /whep/r/p", "OPTIONS /whep/r/p",
        "OPTIONS /whip/r/sessions/1", "OPTIONS /whep/r/sessions/1",
    ];

    /// <summary>What every user may ask for, whatever the token grants: about themselves, and what they are shown of others.</summary>
    static readonly string[] AnyUser =
    [
        "GET /api/me", "GET /api/channels", "GET /api/directs", "GET /api/friends", "POST /api/friends", "DELETE /api/friends/someone", "GET /api/users/someone/presence",
        "POST /api/directs", "POST /hub/negotiate",
    ];

    /// <summary>Bodies that are good, so that a refusal can only be for want of the grant.</summary>
    static readonly Dictionary<string, string> Bodies = new()
    {
        ["POST /api/tokens"] = """{"user":"ann"}""",
        ["POST /api/channels"] = """{"channel":"someones"}""",
        ["PATCH /api/channels/someones"] = """{"topic":"mine"}""",
        ["PUT /api/channels/someones/members/someone"] = """{"role":"member"}""",
        ["POST /api/channels/someones/messages"] = """{"clientMessageId":"1","text":"x"}""",
        ["PATCH /api/channels/someones/messages/1"] = """{"text":"x"}""",
        ["POST /api/messages"] = """{"channel":"someones","clientMessageId":"1","text":"x"}""",
        ["POST /api/moderation/kick"] = """{"channel":"someones","user":"someone","reason":"x"}""",
        ["POST /api/moderation/ban"] = """{"channel":"someones","user":"someone","reason":"x"}""",
        ["POST /api/moderation/unban"] = """{"channel":"someones","user":"someone"}""",
        ["POST /api/moderation/timeOut"] = """{"channel":"someones","user":"someone","reason":"x"}""",
    };

    /// <summary>What else a good request takes.</summary>
    static readonly Dictionary<string, string> Queries = new() { ["POST /api/attachments"] = "?channel=someones" };

    IReadOnlyList<(string Method, string Path)> Endpoints()
    {
        var found = new List<(string, string)>();
        foreach (var endpoint in replicas.Service<EndpointDataSource>(0).Endpoints.OfType<RouteEndpoint>())
        {
            var path = Parameter().Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), static match => match.Groups[1].Value switch
            {
                "channel" => "someones",
                "user" => "someone",
                "room" => "r",
                "participant" => "p",
                "documentName" => "v1",
                _ => "1",
            });
            var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];
            found.AddRange(methods.Select(method => (method, path)));
        }
        return [.. found.Distinct()];
    }

    async Task<HttpStatusCode> AskAsync(HttpClient http, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path + Queries.GetValueOrDefault($"{method} {path}"));
        if (method is "POST" or "PUT" or "PATCH")
        {
            request.Content = new StringContent(Bodies.GetValueOrDefault($"{method} {path}", "{}"), Encoding.UTF8, "application/json");
            if (path.StartsWith("/whip", StringComparison.Ordinal) || path.StartsWith("/whep", StringComparison.Ordinal))
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
        }
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }

    [Fact]
    public async Task Nothing_answers_without_a_token()
    {
        using var http = new HttpClient { BaseAddress = replicas.Servers[0] };
        var endpoints = Endpoints();
        Assert.InRange(endpoints.Count, 40, 1000);
        var wrong = new List<string>();
        foreach (var (method, path) in endpoints)
        {
            var status = await AskAsync(http, method, path);
            if (!Open.Contains($"{method} {path}") && status != HttpStatusCode.Unauthorized)
                wrong.Add($"{method} {path}: {(int)status}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Nothing_answers_without_its_grant()
    {
        using var http = new HttpClient { BaseAddress = replicas.Servers[0] };
        var wrong = new List<string>();
        foreach (var (method, path) in Endpoints())
        {
            // Each a user of its own: their calls are limited.
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token($"u{Guid.NewGuid():N}", Grants.None));
            var status = await AskAsync(http, method, path);
            // Issuing tokens is for API keys: a user's token is none.
            var refused = status is HttpStatusCode.Forbidden or HttpStatusCode.NotFound || (status == HttpStatusCode.Unauthorized && TokensAlone().IsMatch(path));
            if (!Open.Contains($"{method} {path}") && !AnyUser.Contains($"{method} {path}") && !refused)
                wrong.Add($"{method} {path}: {(int)status}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [GeneratedRegex(@"\{\*{0,2}(\w+)[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"^/api/(tokens|users/\w+/revoke)")]
    private static partial Regex TokensAlone();
}
