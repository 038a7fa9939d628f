using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Harness;

/// <summary>Publishing and subscribing in layers.</summary>
sealed partial class VirtualNode
{
    public static readonly (string Rid, ushort Width, ushort Height)[] ThreeSizes = [("q", 160, 90), ("h", 320, 180), ("f", 640, 360)];

    public void Subscribe(TestPeer peer, params TrackWish[] wishes)
    {
        Assert.Null(Worker.Subscribe(Now, new SubscribeCommand(NextId(), Room, Epoch, peer.Id, wishes), serverOutbox).Error);
        Flush();
    }

    /// <summary>Joins and publishes a camera in three sizes, the smallest first.</summary>
    public (TestPeer Peer, IReadOnlyList<TestSource> Encodings, string Track) JoinWithSimulcast(string id, int temporalLayers = 1)
    {
        var peer = Join(id);
        var encodings = peer.PublishSimulcast(temporalLayers, ThreeSizes);
        Negotiate(peer);
        return (peer, encodings, Told<PublishedEvent>(id).Last(published => published.Track.Kind == MediaKind.Video).Track.Track);
    }

    /// <summary>Joins to watch, with one section.</summary>
    public TestPeer JoinWatching(string id)
    {
        var peer = Join(id, publish: false);
        peer.Offer.AddReceivers(0, 1);
        Negotiate(peer);
        return peer;
    }

    /// <summary>What a watching peer has of its only section.</summary>
    public static ReceivedTrack Watched(TestPeer peer) => peer.Tracks.Single(track => track.Answer.Kind == SectionKind.Video);
}
