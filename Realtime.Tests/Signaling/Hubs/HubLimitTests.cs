using System.Diagnostics;
using System.Net;
using System.Reflection;
using Realtime.Contracts;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Hubs;
using Realtime.Signaling.RateLimits;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>Every limit of the hub crossed, and its refusal read.</summary>
[Collection(GuardCollection.Name)]
public sealed class HubLimitTests(TwoReplicas replicas)
{
    /// <summary>Every method that takes permits by the filter; methods of others come in by themselves.</summary>
    public static TheoryData<string, string> Methods()
    {
        var data = new TheoryData<string, string>();
        foreach (var method in typeof(RealtimeHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            if (method.GetCustomAttribute<LimitedAttribute>() is { Itself: false } limited && method.Name != nameof(RealtimeHub.Malformed))
                data.Add(method.Name, limited.Limit);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_method_is_refused_beyond_its_limit_with_its_name_and_when_to_come_back(string method, string limit)
    {
        await using var client = await replicas.ConnectAsync($"u{Guid.NewGuid():N}");
        await client.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        var rule = replicas.Service<Limits>(0)[limit].Limit;
        var unanswered = replicas.Service<RedisLimits>(0).Unanswered;
        var watch = Stopwatch.StartNew();
        var passed = 0;
        RealtimeError? refused = null;
        // A call that turns out to be invalid has used its permit all the same.
        while (refused is null)
        {
            if (await ErrorOfAsync(client, method) is { Code: ErrorCode.RateLimited } error)
                refused = error;
            else
                passed++;
            Assert.InRange(passed, 0, rule.AtOnce + (watch.Elapsed / (rule.Window / rule.Permits)) + 1);
        }
        // On a busy machine Redis may take too long to answer: then each node allows its half.
        var nodes = replicas.Service<RedisLimits>(0).Unanswered > unanswered ? 2 : 1;
        Assert.InRange(passed, rule.AtOnce / nodes, long.MaxValue);
        Assert.Equal(limit, refused.Scope);
        Assert.InRange(refused.RetryAfterMs ?? 0, 1, (nodes * (rule.Window / rule.Permits).TotalMilliseconds) + 1);
    }

    static async Task<RealtimeError?> ErrorOfAsync(HubClient client, string method)
    {
        try
        {
            await client.InvokeAsync<System.Text.Json.JsonElement>(method, new { });
            return null;
        }
        catch (HubCallException refused)
        {
            return refused.Error;
        }
    }

    [Fact]
    public async Task An_unknown_call_costs_five()
    {
        await using var client = await replicas.ConnectAsync($"u{Guid.NewGuid():N}");
        await client.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        var watch = Stopwatch.StartNew();
        var passed = 0;
        RealtimeError? error;
        while ((error = await ErrorOfAsync(client, "Nothing"))!.Code == ErrorCode.Invalid)
            passed++;
        Assert.Equal((ErrorCode.RateLimited, LimitName.Calls), (error.Code, error.Scope));
        Assert.InRange(passed, 8, 8 + (watch.Elapsed.TotalSeconds * 4) + 1);
    }

    [Fact]
    public async Task The_eleventh_session_of_an_address_in_a_minute_is_refused_and_a_resume_and_another_address_are_not()
    {
        replicas.Change("Limits:SessionsPerMinute", "10");
        try
        {
            var clients = new List<HubClient>();
            HelloResult? hello = null;
            for (var i = 0; i < 11; i++)
                clients.Add(await FromAsync("127.4.0.1", i % 2));
            HubCallException? refused = null;
            foreach (var client in clients)
            {
                try
                {
                    hello = await client.InvokeAsync<HelloResult>("Hello", new HelloRequest());
                }
                catch (HubCallException refusal)
                {
                    refused = refusal;
                }
            }
            Assert.Equal(10, hello!.Limits["sessions"].Permits);
            Assert.NotNull(refused);
            Assert.Equal((ErrorCode.RateLimited, "sessions"), (refused.Error.Code, refused.Error.Scope));
            Assert.InRange(refused.Error.RetryAfterMs ?? 0, 1, 12_000);
            await using var elsewhere = await FromAsync("127.4.0.2", 0);
            await elsewhere.InvokeAsync<HelloResult>("Hello", new HelloRequest());
            await using var back = await FromAsync("127.4.0.1", 0);
            Assert.Equal(hello.Session, (await back.InvokeAsync<HelloResult>("Hello", new HelloRequest(hello.ResumeToken))).Session);
            foreach (var client in clients)
                await client.DisposeAsync();
        }
        finally
        {
            replicas.Change("Limits:SessionsPerMinute", "600");
        }

        Task<HubClient> FromAsync(string address, int replica) =>
            HubClient.ConnectAsync(new HubClientOptions(replicas.Servers[replica], replicas.Token("many")) { SourceAddress = IPAddress.Parse(address) });
    }

    [Fact]
    public async Task A_limit_can_be_changed_while_people_are_here_and_a_mistake_changes_nothing()
    {
        await using var client = await replicas.ConnectAsync($"u{Guid.NewGuid():N}");
        await client.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        replicas.Change("Limits:MessagesPerMinute", "2");
        try
        {
            replicas.Change("Limits:MessagesPerMinute", "-1");
            replicas.Change("Limits:MessagesPerMinute", "many");
            await ErrorOfAsync(client, "SendMessage");
            await ErrorOfAsync(client, "SendMessage");
            Assert.Equal("messages", (await ErrorOfAsync(client, "SendMessage"))!.Scope);
        }
        finally
        {
            replicas.Change("Limits:MessagesPerMinute", "30");
        }
    }
}
