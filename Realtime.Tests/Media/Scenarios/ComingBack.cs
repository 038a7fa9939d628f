using Realtime.Contracts.MediaControl;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

/// <summary>A client that lost the answer to its join comes with another peer connection and is who it was.</summary>
public sealed class ComingBack
{
    [Fact]
    public void WithANewPeerConnection_OneIsTheSameParticipant()
    {
        using var node = new VirtualNode(seed: 81);
        var ann = node.JoinPublishing("ann");
        var ben = node.JoinPublishing("ben");
        Assert.True(node.RunUntil(() => ben.Sources.All(source => ann.TrackOf(source) is not null) && ann.Sources.All(source => ben.TrackOf(source) is not null), TimeSpan.FromSeconds(5)));

        var again = node.ComeBack(ben);
        Assert.True(node.RunUntil(() => again.Sources.All(source => ann.TrackOf(source) is not null) && ann.Sources.All(source => again.TrackOf(source) is not null), TimeSpan.FromSeconds(5)));
        Assert.Single(node.Told<PeerJoinedEvent>("ben"));
        Assert.Empty(node.Told<PeerLeftEvent>());
        Assert.Equal(2, node.Told<UnpublishedEvent>("ben").Count());
        Assert.Equal(4, node.Told<PublishedEvent>("ben").Count());
        Assert.Empty(node.TakeCrashReports());
    }
}
