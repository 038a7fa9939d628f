using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Realtime.Bench.Load;
using Realtime.Bench.Servers;
using Realtime.Contracts;
using Realtime.Tests.Harness;

namespace Realtime.Tests.MediaChaos;

/// <summary>Rooms of the running app, entered by WHIP and WHEP with a token of one's own.</summary>
sealed class WhipRooms(RunningApp app, LoadThread load, string prefix) : IRoomServer, IDisposable
{
    const int Retries = 10;

    static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);

    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };

    public string Name => "realtime";

    public string RoomName(int room) => $"{prefix}-{room}";

    public string UserOf(LoadClient client) => $"{prefix}-user-{client.Index}";

    public Task OpenRoomAsync(int room, SourceKind kind) => Task.CompletedTask;

    public Task PublishAsync(int room, LoadClient client) => EnterAsync(JoinedVia.Whip, room, client, client.Offer());

    public Task SubscribeAsync(int room, LoadClient client, SourceKind kind, int tracks) => EnterAsync(JoinedVia.Whep, room, client, client.Offer(kind, tracks));

    /// <summary>A track is there with the offer.</summary>
    public Task WaitForTracksAsync(int room, int tracks) => Task.CompletedTask;

    /// <summary>Ends with its transport.</summary>
    public Task LeaveAsync(int room, LoadClient client) => load.RemoveAsync(client);

    /// <summary>One request as any client would make it. Anything may be sent.</summary>
    public Task<(HttpStatusCode Status, string Body)> PostAsync(string via, string room, string token, HttpContent offer, CancellationToken cancellation) =>
        PostAsync(_http, app.SignalingFront, via, room, token, offer, cancellation);

    public static async Task<(HttpStatusCode Status, string Body)> PostAsync(
        HttpClient http, Uri server, string via, string room, string token, HttpContent offer, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, $"/{via}/{room}")) { Content = offer };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await http.SendAsync(request, cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
    }

    /// <summary>Users who are in the room.</summary>
    public Task<IReadOnlyList<string>> UsersAsync(int room) => app.UsersInAsync(RoomName(room));

    public static StringContent Sdp(string offer) => new(offer, Encoding.UTF8, "application/sdp");

    public void Dispose() => _http.Dispose();

    async Task EnterAsync(string via, int room, LoadClient client, string offer)
    {
        var token = await app.TokenAsync(UserOf(client));
        var (status, body) = await PostAsync(via, RoomName(room), token, Sdp(offer), CancellationToken.None);
        // As a player would: the node's worker may have been felled on purpose a moment ago.
        for (var attempt = 0; status == HttpStatusCode.ServiceUnavailable && attempt < Retries; attempt++)
        {
            await Task.Delay(s_retryAfter);
            (status, body) = await PostAsync(via, RoomName(room), token, Sdp(offer), CancellationToken.None);
        }
        if (status != HttpStatusCode.Created)
            throw new InvalidOperationException($"{via} {RoomName(room)}: {(int)status} {body}");
        await load.AcceptAsync(client, body);
    }
}
