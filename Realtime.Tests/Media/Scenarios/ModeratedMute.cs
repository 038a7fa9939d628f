using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class ModeratedMute
{
    static string Track(VirtualNode node, string mid = "0") => node.Told<PublishedEvent>("alice").Last(e => e.Mid == mid).Track.Track;

    static RealtimeError? Set(VirtualNode node, string track, bool muted, bool byModerator = false, bool? locked = null, string who = "alice") => node.Worker.SetTrack(
        node.Now, new SetTrackCommand(Guid.NewGuid().ToString(), VirtualNode.Room, VirtualNode.Epoch, who, track, muted, byModerator, locked), new Outbox()).Error;

    static bool IsHeard(VirtualNode node, TestPeer bob, TestSource source)
    {
        var before = bob.TrackOf(source)?.From(source.Ssrc).Count() ?? 0;
        node.Run(TimeSpan.FromSeconds(1));
        // What was on its way when it was muted still comes.
        return (bob.TrackOf(source)?.From(source.Ssrc).Count() ?? 0) > before + 2;
    }

    [Fact]
    public void A_moderators_mute_ends_by_either_and_a_locked_one_by_moderators_alone()
    {
        using var node = new VirtualNode(seed: 520);
        var (alice, bob) = (node.JoinPublishing("alice"), node.JoinPublishing("bob"));
        node.Run(TimeSpan.FromSeconds(1));
        var track = Track(node);

        Assert.Null(Set(node, track, true, byModerator: true));
        Assert.False(IsHeard(node, bob, alice.Sources[0]));
        Assert.True(node.Told<MutedEvent>("alice").Last() is { Muted: true, ByModerator: true, Locked: null });
        Assert.Null(Set(node, track, false));
        Assert.True(IsHeard(node, bob, alice.Sources[0]));

        Assert.Null(Set(node, track, true, byModerator: true, locked: true));
        Assert.Equal(ErrorCode.Forbidden, Set(node, track, false)!.Code);
        Assert.False(IsHeard(node, bob, alice.Sources[0]));
        Assert.Null(Set(node, track, false, byModerator: true));
        Assert.True(IsHeard(node, bob, alice.Sources[0]));
    }

    [Fact]
    public void Nobody_is_unmuted_who_muted_themselves()
    {
        using var node = new VirtualNode(seed: 521);
        var (alice, bob) = (node.JoinPublishing("alice"), node.JoinPublishing("bob"));
        node.Run(TimeSpan.FromSeconds(1));
        var track = Track(node);
        Assert.Null(Set(node, track, true));
        Assert.Null(Set(node, track, true, byModerator: true, locked: true));
        Assert.Null(Set(node, track, false, byModerator: true));
        Assert.False(IsHeard(node, bob, alice.Sources[0]));
        Assert.Null(Set(node, track, false));
        Assert.True(IsHeard(node, bob, alice.Sources[0]));
    }

    [Fact]
    public void A_locked_mute_is_not_escaped_by_another_track_or_by_coming_back()
    {
        using var node = new VirtualNode(seed: 522);
        var (alice, bob) = (node.JoinPublishing("alice"), node.JoinPublishing("bob"));
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Null(Set(node, Track(node), true, byModerator: true, locked: true));

        var second = alice.Publish(SectionKind.Audio, streamId: "second");
        node.Negotiate(alice);
        Assert.False(IsHeard(node, bob, second));
        Assert.True(node.Told<PublishedEvent>("alice").Last().Track is { Muted: true, Locked: true });
        // The picture is another matter.
        Assert.True(IsHeard(node, bob, alice.Sources[1]));

        // The same user by another device.
        var info = new ParticipantInfo("again", "user-alice", "alice", DateTimeOffset.UnixEpoch);
        Assert.Null(node.Worker.Join(node.Now, new JoinPeerCommand("j", VirtualNode.Room, VirtualNode.Epoch, "again", "user-alice", "alice", true, true), info, true, new Outbox()).Error);
        Assert.Contains(node.Worker.Snapshot().Single().Silenced!, static one => one is { User: "user-alice", Kind: MediaKind.Audio });
    }

    [Fact]
    public void A_room_may_say_that_every_moderators_mute_holds_and_takes_its_silenced_along()
    {
        using var node = new VirtualNode(seed: 523);
        var settings = new RoomSettings(SelfUnmute: false, MaxPeers: 2);
        var join = new JoinPeerCommand("j", VirtualNode.Room, VirtualNode.Epoch, "first", "first", "first", false, false, null, settings, [new SilencedUser("user-alice", MediaKind.Audio)]);
        Assert.Equal(2, node.Worker.Join(node.Now, join, new ParticipantInfo("first", "first", "first", DateTimeOffset.UnixEpoch), true, new Outbox()).Value!.Settings!.MaxPeers);
        node.JoinPublishing("alice");
        Assert.True(node.Told<PublishedEvent>("alice").First(static e => e.Mid == "0").Track is { Muted: true, MutedByModerator: true, Locked: true });
        Assert.Null(Set(node, Track(node, "1"), true, byModerator: true));
        Assert.Equal(ErrorCode.Forbidden, Set(node, Track(node, "1"), false)!.Code);
        var third = new ParticipantInfo("third", "third", "third", DateTimeOffset.UnixEpoch);
        var full = node.Worker.Join(node.Now, new JoinPeerCommand("k", VirtualNode.Room, VirtualNode.Epoch, "third", "third", "third", true, true), third, true, new Outbox()).Error!;
        Assert.Equal((ErrorCode.RateLimited, "peers"), (full.Code, full.Scope));
    }
}
