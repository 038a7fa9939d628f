using System.Text;
using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.SignalR;
using Realtime.Contracts;

namespace Realtime.Tests.Web;

/// <summary>The hub's methods as the pages call them, over <see cref="FakeHubState"/>.</summary>
sealed class FakeHub(FakeHubState state) : Hub
{
    string User => Identity[0];

    string Name => Identity[1];

    string[] Identity =>
        Encoding.UTF8.GetString(Convert.FromBase64String(Context.Features.Get<IHttpContextFeature>()!.HttpContext!.Request.Query["access_token"]!)).Split('\n');

    public override Task OnConnectedAsync()
    {
        state.Connected(Context);
        return Task.CompletedTask;
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        state.Disconnected(Context);
        if (Context.Items["room"] is string)
            await LeaveRoom(new LeaveRoomRequest(null));
    }

    public HelloResult Hello(HelloRequest request) => new(User, User, DateTimeOffset.UtcNow, "normal", new Dictionary<string, LimitInfo>(), []);

    public async Task<JoinChannelResult> JoinChannel(JoinChannelRequest request)
    {
        await Groups.AddToGroupAsync(Context.ConnectionId, $"channel {request.Channel}");
        var log = state.Log(request.Channel!);
        return new JoinChannelResult(request.Channel!, state.Head(request.Channel!), [], [.. log.Where(message => message.Seq > (request.Since ?? 0)).TakeLast(50)]);
    }

    public List<Message> History(HistoryRequest request)
    {
        var log = state.Log(request.Channel!).Where(message => message.Seq > (request.After ?? 0) && message.Seq < (request.Before ?? long.MaxValue));
        return [.. request.After is null ? log.TakeLast(request.Limit ?? 100) : log.Take(request.Limit ?? 100)];
    }

    public async Task<SendMessageResult> SendMessage(SendMessageRequest request)
    {
        if (request.Text == "refuse me")
            throw new HubException("""{"code":"invalid","message":"Refused on purpose","field":"text"}""");
        var (message, duplicate) = state.Append(request, User, Name);
        if (!duplicate)
            await Clients.Group($"channel {request.Channel}").SendAsync(HubEvent.MessageCreated, message);
        return new SendMessageResult(message.Id, message.Seq, message.CreatedAt, duplicate);
    }

    public async Task<ChangeMessageResult> EditMessage(EditMessageRequest request)
    {
        var update = state.Edit(request, User) ?? throw new HubException("""{"code":"notFound","message":"No such message","field":"id"}""");
        await Clients.Group($"channel {request.Channel}").SendAsync(HubEvent.MessageUpdated, update);
        return new ChangeMessageResult(update.Seq);
    }

    public async Task<ChangeMessageResult> DeleteMessage(DeleteMessageRequest request)
    {
        var deletion = state.Delete(request, User) ?? throw new HubException("""{"code":"notFound","message":"No such message","field":"id"}""");
        await Clients.Group($"channel {request.Channel}").SendAsync(HubEvent.MessageDeleted, deletion);
        return new ChangeMessageResult(deletion.Seq);
    }

    public async Task<Done> Typing(TypingRequest request)
    {
        await Clients.OthersInGroup($"channel {request.Channel}").SendAsync(HubEvent.Typing, new TypingEvent(request.Channel!, User, Name, DateTimeOffset.UtcNow.AddSeconds(15)));
        return new Done();
    }

    public async Task<Done> MarkRead(MarkReadRequest request)
    {
        await Clients.Group($"channel {request.Channel}").SendAsync(HubEvent.ReadMark, new ReadMarkEvent(request.Channel!, User, request.Seq ?? 0));
        return new Done();
    }

    public async Task<JoinRoomResult> JoinRoom(JoinRoomRequest request)
    {
        var me = state.Join(Context.ConnectionId, User, Name);
        Context.Items["room"] = request.Room;
        await Clients.OthersInGroup($"room {request.Room}").SendAsync(HubEvent.ParticipantJoined, new ParticipantJoinedEvent(request.Room!, 1, me));
        await Groups.AddToGroupAsync(Context.ConnectionId, $"room {request.Room}");
        return new JoinRoomResult(request.Room!, 1, me.Participant, [], state.People, []);
    }

    public async Task<Done> LeaveRoom(LeaveRoomRequest request)
    {
        if (Context.Items.Remove("room", out var room) && state.Leave(Context.ConnectionId) is { } participant)
            await Clients.OthersInGroup($"room {room}").SendAsync(HubEvent.ParticipantLeft, new ParticipantLeftEvent((string)room!, 1, participant, LeaveReason.Left));
        return new Done();
    }

    public NegotiateResult Negotiate(NegotiateRequest request)
    {
        state.Offers.Enqueue(request.Sdp!);
        throw new HubException("""{"code":"unavailable","message":"No media here","retryAfterMs":60000}""");
    }
}
