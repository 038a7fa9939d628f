using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Hubs;
using Xunit;

namespace Realtime.Tests.Signaling.Access;

/// <summary>Who plays in the tests of access: users on the hub and over REST, with the grants a test gives them.</summary>
static class AccessClients
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static readonly Grants Everything = new(Channels: ["*"]);

    public static readonly Grants Moderator = new(Channels: ["*"], Moderate: true);

    public static string NewName(string prefix = "c") => $"{prefix}{Guid.NewGuid():N}";

    public static async Task<(HubClient Client, HelloResult Hello)> EnterAsync(this TwoReplicas replicas, string user, int replica = 0, Grants? grants = null, string? resume = null, params Position[] positions)
    {
        var client = await replicas.ConnectAsync(user, replica, grants ?? Everything);
        return (client, await client.InvokeAsync<HelloResult>("Hello", new HelloRequest(resume, positions)));
    }

    public static Task<JoinChannelResult> JoinAsync(this HubClient client, string channel) => client.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(channel));

    public static Task<SendMessageResult> SendAsync(this HubClient client, string channel, string text, string? id = null) =>
        client.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest(channel, id ?? Guid.NewGuid().ToString(), text));

    public static Task<SendDirectResult> SendDirectAsync(this HubClient client, string text, params string[] to) =>
        client.InvokeAsync<SendDirectResult>("SendDirect", new SendDirectRequest(to, Guid.NewGuid().ToString(), text));

    public static async Task<T> NextAsync<T>(this HubClient client, string name, Func<T, bool>? which = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var next = await client.Events.ReadAsync(patience.Token);
            if (next.Name == name && next.Read<T>() is var read && which?.Invoke(read) != false)
                return read;
        }
    }

    /// <summary>What has arrived until a message that comes after everything else.</summary>
    public static async Task<List<HubEventMessage>> UntilAsync(this HubClient client, string channel, string text)
    {
        var seen = new List<HubEventMessage>();
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var next = await client.Events.ReadAsync(patience.Token);
            seen.Add(next);
            if (next.Name == HubEvent.MessageCreated && next.Read<Message>() is { } message && message.Channel == channel && message.Text == text)
                return seen;
        }
    }

    public static async Task<RealtimeError> RefusedAsync(string code, Task call)
    {
        var refused = await Assert.ThrowsAsync<HubCallException>(() => call);
        Assert.Equal(code, refused.Error.Code);
        return refused.Error;
    }

    public static HttpClient Http(this TwoReplicas replicas, string user, Grants? grants = null, int replica = 0)
    {
        var http = new HttpClient { BaseAddress = replicas.Servers[replica] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token(user, grants ?? Everything));
        return http;
    }

    public static async Task<T> ReadAsync<T>(this Task<HttpResponseMessage> request, HttpStatusCode status = HttpStatusCode.OK)
    {
        var response = await request;
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return (await response.Content.ReadFromJsonAsync<T>(ContractsJson.Options))!;
    }

    public static async Task ExpectAsync(this Task<HttpResponseMessage> request, HttpStatusCode status)
    {
        var response = await request;
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>A private channel with these members, made by <paramref name="owner"/>.</summary>
    public static async Task<string> PrivateAsync(this TwoReplicas replicas, string owner, params string[] members)
    {
        var channel = NewName("p");
        using var http = replicas.Http(owner);
        await http.PostAsJsonAsync("/api/channels", new CreateChannelRequest(channel, "private", Members: members), ContractsJson.Options).ExpectAsync(HttpStatusCode.Created);
        return channel;
    }
}
