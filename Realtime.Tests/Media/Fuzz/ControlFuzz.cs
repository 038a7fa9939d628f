using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Tests.Media.Control;
using Realtime.Tests.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>Bodies of the control API, through HTTP to a real node: whatever comes is answered with a reason, and other rooms stay as they are.</summary>
public sealed class ControlFuzz
{
    const string Room = "fuzzed";

    static readonly string[] Routes =
        [MediaRoutes.Join, MediaRoutes.Negotiate, MediaRoutes.Open, MediaRoutes.Ice, MediaRoutes.SetTrack, MediaRoutes.Leave, MediaRoutes.CloseRoom];

    [Fact]
    public async Task Every_body_is_answered_and_never_by_an_internal_error()
    {
        await using var node = await RunningNode.StartAsync();
        await node.PostAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, node.Joining("victim"));
        var sdp = ChromiumOffer.Text("sendrecv");
        object[] commands =
        [
            node.Joining("p", Room),
            new NegotiatePeerCommand("id", Room, 1, "p", sdp, [new TrackLabel("0", "microphone"), new TrackLabel("1", "camera")]),
            new OpenPeerCommand("id", Room, 1, "q", "user", "name", JoinedVia.Whip, ChromiumOffer.Text("sendonly"), "p", "token"),
            new IcePeerCommand("id", Room, 1, "q", ["abcd"], "abcd", "abcdefghijklmnopqrstuvwx"),
            new SetTrackCommand("id", Room, 1, "p", "track", true), new LeavePeerCommand("id", Room, 1, "p", LeaveReason.Left), new CloseRoomCommand("id", Room, 1, "over"),
        ];
        List<byte[]> corpus = [.. commands.Select(command => JsonSerializer.SerializeToUtf8Bytes(command, command.GetType(), ContractsJson.Options))];
        // What no record of ours would write.
        corpus.Add("""{"commandId":"id","room":"fuzzed","epoch":1,"participant":"p","sdp":"v=0","tracks":[null,{"mid":null},{}]}"""u8.ToArray());
        var fuzzer = new Fuzzer("control", 400, corpus, maxLength: 64 << 10, isText: true);
        var number = 0;
        await fuzzer.RunAsync(async input =>
        {
            // A command known by its id would only be answered from the cache.
            var body = ReplaceId(input, $"\"{number++}\"");
            var route = fuzzer.Random.Next(4) == 0 ? Routes[fuzzer.Random.Next(Routes.Length)] : RouteOf(input);
            using var response = await node.SendAsync(HttpMethod.Post, route, new ByteArrayContent(body));
            Promise.Holds((int)response.StatusCode < 500, $"{route} answers {(int)response.StatusCode}");
            if (response.StatusCode == HttpStatusCode.OK) return;
            var error = await response.Content.ReadFromJsonAsync<RealtimeError>(ContractsJson.Options);
            Promise.Holds(error is { Code.Length: > 0, Message.Length: > 0 and < 1024 } && error.Code != ErrorCode.Internal, $"{route} refuses with {error?.Code}");
        });

        using var answer = await node.SendAsync(HttpMethod.Get, MediaRoutes.Snapshot);
        var snapshot = (await answer.Content.ReadFromJsonAsync<NodeSnapshot>(ContractsJson.Options))!;
        var room = snapshot.Rooms.Single(room => room.Room == "room");
        Assert.Equal(["victim"], room.Peers.Select(peer => peer.Participant.Participant));
    }

    static byte[] ReplaceId(byte[] input, string id)
    {
        var at = input.AsSpan().IndexOf("\"id\""u8);
        return at < 0 ? input : [.. input[..at], .. System.Text.Encoding.UTF8.GetBytes(id), .. input[(at + 4)..]];
    }

    static string RouteOf(byte[] input)
    {
        bool Has(ReadOnlySpan<byte> name) => input.AsSpan().IndexOf(name) >= 0;
        return Has("\"via\""u8) ? MediaRoutes.Open
            : Has("\"sdp\""u8) ? MediaRoutes.Negotiate
            : Has("\"ufrag\""u8) ? MediaRoutes.Ice
            : Has("\"track\""u8) ? MediaRoutes.SetTrack
            : Has("\"publish\""u8) ? MediaRoutes.Join
            : Has("\"participant\""u8) ? MediaRoutes.Leave : MediaRoutes.CloseRoom;
    }
}
