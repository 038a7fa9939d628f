using Realtime.Tests.EndToEnd;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Interop;

/// <summary>SIPSorcery and the server agree on ICE, DTLS, SRTP and RTP, both ways. Only in the full package set: other feeds do not carry it.</summary>
public sealed class SipSorceryTests(RunningApp app) : EndToEndTest(app)
{
    const int Packets = 100;

    [Fact]
    public async Task One_publishes_another_plays()
    {
        var room = $"sipsorcery-{Guid.NewGuid():N}";
        using var publisher = await SipSorceryPeer.PublishAsync(new Uri(App.SignalingFront, $"/whip/{room}"), await App.TokenAsync("paul"));
        using var player = await SipSorceryPeer.PlayAsync(new Uri(App.SignalingFront, $"/whep/{room}"), await App.TokenAsync("vera"));
        await publisher.Connected.WaitAsync(Patience);
        await player.Connected.WaitAsync(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var limit = new CancellationTokenSource(Patience);
        while (player.Received is not { Audio: >= Packets, Video: >= Packets } && await timer.WaitForNextTickAsync(limit.Token))
            publisher.Send();
        Assert.Equal(["paul"], await App.UsersInAsync(room));
    }
}
