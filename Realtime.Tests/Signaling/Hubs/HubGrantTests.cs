using System.Reflection;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Hubs;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>Every method of the hub is refused without its grant; a new one is found here by itself, and needs a sample.</summary>
[Collection(GuardCollection.Name)]
public sealed class HubGrantTests(TwoReplicas replicas)
{
    /// <summary>What every user may call, whatever the token grants: about themselves.</summary>
    static readonly string[] AnyUser = ["Hello", "RefreshToken", "ReportTransport", "SetPresence", "RequestFriend", "AnswerFriend", "RemoveFriend", "SendDirect", "Malformed"];

    /// <summary>Good calls for what is somebody else's.</summary>
    static readonly Dictionary<string, object> Samples = new()
    {
        ["JoinChannel"] = new JoinChannelRequest("someones"),
        ["LeaveChannel"] = new LeaveChannelRequest("someones"),
        ["SendMessage"] = new SendMessageRequest("someones", "1", "x"),
        ["EditMessage"] = new EditMessageRequest("someones", "0190f3a0-0000-7000-8000-000000000000", "x"),
        ["DeleteMessage"] = new DeleteMessageRequest("someones", "0190f3a0-0000-7000-8000-000000000000"),
        ["History"] = new HistoryRequest("someones"),
        ["MarkRead"] = new MarkReadRequest("someones", 1),
        ["Typing"] = new TypingRequest("someones"),
        ["Kick"] = new KickRequest("someones", "someone", "x"),
        ["Ban"] = new BanRequest("someones", "someone", "x"),
        ["Unban"] = new UnbanRequest("someones", "someone"),
        ["TimeOut"] = new TimeOutRequest("someones", "someone", "x", DateTimeOffset.UtcNow.AddHours(1)),
        ["JoinRoom"] = new JoinRoomRequest("r"),
        ["LeaveRoom"] = new LeaveRoomRequest("r"),
        ["Negotiate"] = new NegotiateRequest("r", 1, "v=0"),
        ["SetTrack"] = new SetTrackRequest("t", true, "r"),
        ["SetView"] = new SetViewRequest("r"),
        ["SetParticipant"] = new SetParticipantRequest("r", null),
        ["SetRoom"] = new SetRoomRequest("r", new RoomSettings(LastN: 1)),
        ["MuteTrack"] = new MuteTrackRequest("r", "t", true),
        ["KickParticipant"] = new KickParticipantRequest("r", "p"),
        ["CloseRoom"] = new CloseRoomRequest("r"),
        ["Subscribe"] = new { room = "r", tracks = Array.Empty<object>() },
    };

    [Fact]
    public async Task Nothing_answers_without_its_grant_or_its_membership()
    {
        await using var client = await replicas.ConnectAsync($"u{Guid.NewGuid():N}", 0, Grants.None);
        await client.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        var wrong = new List<string>();
        foreach (var method in typeof(RealtimeHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(static method => !method.IsVirtual).Select(static method => method.Name))
        {
            if (AnyUser.Contains(method))
                continue;
            if (!Samples.TryGetValue(method, out var sample))
                wrong.Add($"{method}: no sample");
            else if (await CodeAsync(client, method, sample) is not (ErrorCode.Forbidden or ErrorCode.NotFound) and var code)
                wrong.Add($"{method}: {code ?? "answered"}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Nothing_answers_before_hello()
    {
        await using var client = await replicas.ConnectAsync($"u{Guid.NewGuid():N}");
        foreach (var (method, sample) in Samples.Where(static pair => typeof(RealtimeHub).GetMethod(pair.Key) is not null))
            Assert.Equal((method, ErrorCode.Conflict), (method, await CodeAsync(client, method, sample)));
    }

    static async Task<string?> CodeAsync(HubClient client, string method, object argument)
    {
        try
        {
            await client.InvokeAsync<JsonElement>(method, argument);
            return null;
        }
        catch (HubCallException refused)
        {
            return refused.Error.Code;
        }
    }
}
