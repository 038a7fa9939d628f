using Realtime.Contracts;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>Shorthand for the tests about people.</summary>
static class PeopleClient
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>A user of its own per test, so that tests can share replicas.</summary>
    public static string NewUser(string name) => $"{name}-{Guid.NewGuid():N}";

    public static async Task<HubClient> EnterAsync(this TwoReplicas replicas, string user, int replica = 0, params string[] channels)
    {
        var client = await replicas.ConnectAsync(user, replica);
        await HelloAsync(client);
        foreach (var channel in channels)
            await JoinAsync(client, channel);
        return client;
    }

    public static Task<HelloResult> HelloAsync(this HubClient client, string? resume = null, params Position[] positions) =>
        client.InvokeAsync<HelloResult>("Hello", new HelloRequest(resume, positions));

    public static Task<JoinChannelResult> JoinAsync(this HubClient client, string channel) => client.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(channel));

    public static Task<Friend> StepAsync(this HubClient client, string method, string user, bool? accept = null) =>
        client.InvokeAsync<Friend>(method, accept is null ? new FriendRequest(user) : new AnswerFriendRequest(user, accept));

    public static Task SetPresenceAsync(this HubClient client, string status, object? activity = null) => client.InvokeAsync<Done>("SetPresence", new { status, activity });

    /// <summary>The next event of that name that fits; others are read over.</summary>
    public static async Task<T> NextAsync<T>(this HubClient client, string name, Func<T, bool> fits)
    {
        using var patience = new CancellationTokenSource(Patience);
        var seen = new List<string>();
        try
        {
            while (true)
            {
                var next = await client.Events.ReadAsync(patience.Token);
                seen.Add($"{next.Name} {next.Payload.GetRawText()}");
                if (next.Name == name && fits(next.Read<T>()))
                    return next.Read<T>();
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"No such {name} among: {string.Join('\n', seen)}", exception);
        }
    }

    public static Task<PresenceEvent> PresenceAsync(this HubClient client, string user, string status) =>
        client.NextAsync<PresenceEvent>(HubEvent.Presence, told => told.User == user && told.Status == status && told.Stale is null);

    /// <summary>Reads until somebody has left the channels they shared, and is offline, in whichever order it is told.</summary>
    public static async Task GoneAsync(this HubClient client, string user, TimeSpan? patience = null)
    {
        using var timeout = new CancellationTokenSource(patience ?? Patience);
        var (left, offline) = (false, false);
        var seen = new List<string>();
        try
        {
            while (!left || !offline)
            {
                var next = await client.Events.ReadAsync(timeout.Token);
                seen.Add($"{next.Name} {next.Payload.GetRawText()}");
                left |= next.Name == HubEvent.MemberLeft && next.Read<MemberLeftEvent>().User == user;
                offline |= next.Name == HubEvent.Presence && next.Read<PresenceEvent>() is { Status: PresenceStatus.Offline } gone && gone.User == user;
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"{user} is still there (left: {left}, offline: {offline}): {string.Join('\n', seen)}", exception);
        }
    }

    /// <summary>Everything that has come by now.</summary>
    public static List<HubEventMessage> Drain(this HubClient client)
    {
        var all = new List<HubEventMessage>();
        while (client.Events.TryRead(out var next))
            all.Add(next);
        return all;
    }

    public static async Task<RealtimeError> RefusedAsync(string code, Task call)
    {
        var refused = await Assert.ThrowsAsync<HubCallException>(() => call);
        Assert.Equal(code, refused.Error.Code);
        return refused.Error;
    }

    public static async Task BefriendAsync(HubClient one, string oneUser, HubClient other, string otherUser)
    {
        Assert.Equal(FriendState.Requested, (await one.StepAsync("RequestFriend", otherUser)).State);
        Assert.Equal(FriendState.Friends, (await other.StepAsync("RequestFriend", oneUser)).State);
        await one.NextAsync<FriendEvent>(HubEvent.Friend, told => told.User == otherUser && told.State == FriendState.Friends);
        await other.NextAsync<FriendEvent>(HubEvent.Friend, told => told.User == oneUser && told.State == FriendState.Friends);
    }
}
