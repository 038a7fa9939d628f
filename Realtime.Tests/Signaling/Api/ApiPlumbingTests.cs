using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Tests.Signaling.Hubs;
using Xunit;

namespace Realtime.Tests.Signaling.Api;

/// <summary>What all of REST shares: problem details, its description, origins, keys that make a retry safe.</summary>
[Collection(GuardCollection.Name)]
public sealed class ApiPlumbingTests(TwoReplicas replicas)
{
    HttpClient Client(string? user = null, int replica = 0, Grants? grants = null)
    {
        var http = new HttpClient { BaseAddress = replicas.Servers[replica] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token(user ?? $"u{Guid.NewGuid():N}", grants));
        return http;
    }

    static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    static async Task<RealtimeError> ProblemAsync(HttpStatusCode status, HttpResponseMessage response)
    {
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        return problem.Deserialize<RealtimeError>(ContractsJson.Options)!;
    }

    [Fact]
    public async Task Whatever_is_wrong_is_told_as_problem_details()
    {
        using var http = Client();
        Assert.Equal(ErrorCode.NotFound, (await ProblemAsync(HttpStatusCode.NotFound, await http.GetAsync("/api/nothing"))).Code);
        Assert.Equal(ErrorCode.Unsupported, (await ProblemAsync(HttpStatusCode.MethodNotAllowed, await http.DeleteAsync("/api/me"))).Code);
        Assert.Equal(ErrorCode.Unsupported, (await ProblemAsync(HttpStatusCode.UnsupportedMediaType, await http.PostAsync("/api/messages", new StringContent("hello")))).Code);
        Assert.Equal(ErrorCode.Invalid, (await ProblemAsync(HttpStatusCode.BadRequest, await http.PostAsync("/api/messages", Json("{")))).Code);
        Assert.Equal(ErrorCode.Invalid, (await ProblemAsync(HttpStatusCode.BadRequest, await http.PostAsync("/api/messages", Json("""{"text":5}""")))).Code);
        Assert.Equal(ErrorCode.Invalid, (await ProblemAsync(HttpStatusCode.BadRequest, await http.PostAsync("/api/messages", Json("""{"text":"a","text":"b"}""")))).Code);
        var deep = $$"""{"channel":"c","clientMessageId":"1","text":"x","embeds":{{new string('[', 40)}}{{new string(']', 40)}}}""";
        Assert.Equal(ErrorCode.Invalid, (await ProblemAsync(HttpStatusCode.BadRequest, await http.PostAsync("/api/messages", Json(deep)))).Code);
        Assert.Equal(ErrorCode.TooLarge, (await ProblemAsync(HttpStatusCode.RequestEntityTooLarge, await http.PostAsync("/api/messages", Json($"\"{new string('x', 300_000)}\"")))).Code);
        using var stranger = new HttpClient { BaseAddress = replicas.Servers[0] };
        Assert.Equal(ErrorCode.Unauthenticated, (await ProblemAsync(HttpStatusCode.Unauthorized, await stranger.GetAsync("/api/me"))).Code);
        using var modest = Client(grants: Grants.None);
        Assert.Equal(ErrorCode.Forbidden, (await ProblemAsync(HttpStatusCode.Forbidden, await modest.GetAsync("/api/keys"))).Code);
    }

    [Fact]
    public async Task A_request_beyond_a_limit_is_told_which_and_until_when()
    {
        using var http = Client();
        HttpResponseMessage response;
        var passed = 0;
        while ((response = await http.PostAsync("/api/messages", Json($$"""{"channel":"c","clientMessageId":"{{passed}}","text":"x"}"""))).StatusCode == HttpStatusCode.Created)
            passed++;
        var refused = await ProblemAsync(HttpStatusCode.TooManyRequests, response);
        Assert.InRange(passed, 15, 40);
        Assert.Equal((ErrorCode.RateLimited, "messages"), (refused.Code, refused.Scope));
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task The_description_names_every_endpoint_of_the_api()
    {
        using var http = new HttpClient { BaseAddress = replicas.Servers[0] };
        var document = await http.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        Assert.StartsWith("3.", document.GetProperty("openapi").GetString());
        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(static path => path.Value.EnumerateObject().Where(static one => one.Name != "parameters").Select(one => $"{one.Name.ToUpperInvariant()} {path.Name}")).ToHashSet();
        foreach (var endpoint in replicas.Service<EndpointDataSource>(0).Endpoints.OfType<RouteEndpoint>().Where(static endpoint => endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("api/", StringComparison.Ordinal)))
        {
            var path = System.Text.RegularExpressions.Regex.Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), @":\w+", "");
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
                Assert.Contains($"{method} {path}", described);
        }
        Assert.True(document.GetProperty("paths").GetProperty("/api/me").GetProperty("get").TryGetProperty("security", out _));
    }

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("http://localhost:5173", true)]
    [InlineData("null", false)]
    [InlineData("http://localhost.evil.example", false)]
    public async Task Only_pages_of_ours_may_call(string origin, bool allowed)
    {
        using var http = Client();
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/me");
        preflight.Headers.Add("Origin", origin);
        preflight.Headers.Add("Access-Control-Request-Method", "GET");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization");
        using var answer = await http.SendAsync(preflight);
        Assert.Equal(allowed, answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
        using var negotiate = new HttpRequestMessage(HttpMethod.Post, "/hub/negotiate?negotiateVersion=1");
        negotiate.Headers.Add("Origin", origin);
        Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, (await http.SendAsync(negotiate)).StatusCode);
    }

    [Fact]
    public async Task A_retry_with_the_same_key_is_answered_with_the_first_answer_on_any_replica()
    {
        var (user, channel, key) = ($"u{Guid.NewGuid():N}", $"c{Guid.NewGuid():N}", Guid.NewGuid().ToString());
        using var first = Client(user);
        using var second = Client(user, replica: 1);
        using var made = await PostAsync(first, key, channel);
        using var again = await PostAsync(second, key, channel);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (made.StatusCode, again.StatusCode));
        Assert.Equal(await made.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.Equal(made.Headers.Location, again.Headers.Location);
        Assert.Equal((false, true), (made.Headers.Contains("Idempotency-Replayed"), again.Headers.Contains("Idempotency-Replayed")));
        // Without the key it is another request, and the channel is there already.
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(first, null, channel)).StatusCode);
        // The same key for something else; a refusal is not kept; a key is its user's own.
        Assert.Equal(ErrorCode.Conflict, (await ProblemAsync(HttpStatusCode.Conflict, await PostAsync(first, key, channel + "x"))).Code);
        var other = Guid.NewGuid().ToString();
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(first, other, channel)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(first, other, channel + "y")).StatusCode);
        using var stranger = Client();
        Assert.False((await PostAsync(stranger, key, channel + "z")).Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(ErrorCode.Invalid, (await ProblemAsync(HttpStatusCode.BadRequest, await PostAsync(first, new string('k', 129), channel))).Code);
    }

    [Fact]
    public async Task Of_requests_that_run_at_once_with_one_key_one_is_done()
    {
        var (user, key) = ($"u{Guid.NewGuid():N}", Guid.NewGuid().ToString());
        using var one = Client(user);
        using var other = Client(user, replica: 1);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/messages") { Content = Json("""{"channel":"idempotent","clientMessageId":"1","text":"x"}""") };
            request.Headers.Add("Idempotency-Key", key);
            using var response = await (i % 2 == 0 ? one : other).SendAsync(request);
            return (response.StatusCode, Replayed: response.Headers.Contains("Idempotency-Replayed"));
        }));
        Assert.Single(answers, static answer => answer is { StatusCode: HttpStatusCode.Created, Replayed: false });
        Assert.All(answers, static answer => Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task A_secret_is_not_kept_for_a_retry()
    {
        using var http = Client(grants: new Grants(Admin: true));
        var key = Guid.NewGuid().ToString();
        using var made = await SendAsync(http, key, "/api/keys", "{}");
        var secret = (await made.Content.ReadFromJsonAsync<ApiKeySecret>())!;
        Assert.Equal(ErrorCode.Conflict, (await ProblemAsync(HttpStatusCode.Conflict, await SendAsync(http, key, "/api/keys", "{}"))).Code);
        await using var connection = await replicas.Service<Database>(0).OpenAsync(CancellationToken.None);
        await using var command = new Npgsql.NpgsqlCommand("select count(*) from idempotency where position(convert_to($1, 'UTF8') in coalesce(body, '')) > 0", connection);
        command.Parameters.Add(new() { Value = secret.Secret });
        Assert.Equal(0L, await command.ExecuteScalarAsync());
        await http.DeleteAsync($"/api/keys/{secret.Id}");
    }

    static Task<HttpResponseMessage> PostAsync(HttpClient http, string? key, string channel) => SendAsync(http, key, "/api/channels", $$"""{"channel":"{{channel}}"}""");

    static async Task<HttpResponseMessage> SendAsync(HttpClient http, string? key, string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(body) };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await http.SendAsync(request);
    }
}
