using System.Buffers.Binary;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Peers;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

/// <summary>A room whose people are on two workers, joined by a relay: to them it is one room.</summary>
public sealed class RoomsInTwoParts
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public void EverybodySeesAndHearsEverybody_AndEachTrackCrossesOnce()
    {
        using var node = new VirtualNode(seed: 71);
        var ann = node.JoinPublishing("ann");
        var ben = node.JoinPublishing("ben");
        var cid = node.JoinPublishing("cid", onSecond: true);
        var dan = node.JoinPublishing("dan", onSecond: true);
        node.Relay();
        TestPeer[] all = [ann, ben, cid, dan];
        Assert.True(node.RunUntil(() => all.All(one => all.Where(other => other != one).All(other => other.Sources.All(source => one.TrackOf(source) is not null))), Limit));

        var crossed = new Dictionary<(bool ToSecond, uint Ssrc), int>();
        node.Link.Tap = flight =>
        {
            if ((flight.From != VirtualNode.Server || flight.To != VirtualNode.SecondServer) && (flight.From != VirtualNode.SecondServer || flight.To != VirtualNode.Server)) return;
            if (DatagramKinds.Classify(flight.Datagram) != DatagramKind.Rtp) return;
            var key = (flight.To == VirtualNode.SecondServer, BinaryPrimitives.ReadUInt32BigEndian(flight.Datagram.AsSpan(8)));
            crossed[key] = crossed.GetValueOrDefault(key) + 1;
        };
        var before = all.Sum(one => one.Sources.Sum(source => source.PacketsSent));
        node.Run(TimeSpan.FromSeconds(3));
        node.Link.Tap = null;
        var published = all.Sum(one => one.Sources.Sum(source => source.PacketsSent)) - before;
        // Two people with two tracks each on either side, each watched by two on the other: four streams each way, and no packet twice.
        Assert.Equal(4, crossed.Keys.Count(key => key.ToSecond));
        Assert.Equal(4, crossed.Keys.Count(key => !key.ToSecond));
        Assert.InRange(crossed.Values.Sum(), published - 60, published + 60);
        foreach (var one in all) Assert.All(one.Tracks, track => Assert.True(track.IsContinuous()));
        Assert.Empty(node.TakeCrashReports());
    }

    [Fact]
    public void PeopleAreTold_OnceAndByTheirOwnPart()
    {
        using var node = new VirtualNode(seed: 72);
        var ann = node.JoinPublishing("ann");
        var cid = node.JoinPublishing("cid", onSecond: true);
        node.Relay();
        Assert.True(node.RunUntil(() => ann.Sources.All(source => cid.TrackOf(source) is not null), Limit));
        Assert.Equal(2, node.Told<PublishedEvent>("ann").Count());
        Assert.Equal(2, node.Told<PublishedEvent>("cid").Count());
        Assert.Single(node.Told<PeerJoinedEvent>("ann"));
        Assert.DoesNotContain(node.Events, static e => e is PeerJoinedEvent { Participant.Participant: var id } && id.StartsWith("link", StringComparison.Ordinal));
        // What plays in a section is named as its publisher named it, whichever part it is in.
        var track = node.Told<PublishedEvent>("ann").First().Track.Track;
        Assert.Contains(node.Told<SectionBoundEvent>("cid"), bound => bound.Publisher == "ann" && bound.Track == track);
        Assert.Equal(2, node.Worker.Snapshot().Single().Tracks.Count);
        Assert.Single(node.Worker.Snapshot().Single().Peers);
    }

    [Fact]
    public void KeyFrameRequestsMutesAndEndsTravel()
    {
        using var node = new VirtualNode(seed: 73);
        var ann = node.JoinPublishing("ann");
        var cid = node.JoinPublishing("cid", onSecond: true);
        node.Relay();
        var camera = ann.Sources.Single(source => source.IsVideo);
        Assert.True(node.RunUntil(() => cid.TrackOf(camera) is not null, Limit));
        node.Run(TimeSpan.FromSeconds(2));

        var keyframes = camera.KeyframesSent;
        var mid = cid.TrackOf(camera)!.Answer.Mid;
        node.Act(cid, outbox => cid.SendPli(mid, outbox));
        Assert.True(node.RunUntil(() => camera.KeyframesSent > keyframes, TimeSpan.FromSeconds(2)), "a request came over the relay");

        var track = node.Told<PublishedEvent>("ann").Single(told => told.Track.Kind == MediaKind.Video).Track.Track;
        node.SetMuted(ann, track, muted: true);
        node.Run(TimeSpan.FromSeconds(1));
        var received = cid.TrackOf(camera)!.Packets.Count;
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(received, cid.TrackOf(camera)!.Packets.Count);
        node.SetMuted(ann, track, muted: false);
        Assert.True(node.RunUntil(() => cid.TrackOf(camera)!.Packets.Count > received, TimeSpan.FromSeconds(2)), "it goes on when it is unmuted");

        node.Leave(ann);
        Assert.True(node.RunUntil(() => node.Told<SectionBoundEvent>("cid").Count(bound => bound.Track is null) == 2, TimeSpan.FromSeconds(2)), "the sections of who left are free");
    }

    [Fact]
    public void APartIsThereBeforeItsFirstParticipant()
    {
        using var node = new VirtualNode(seed: 76);
        var ann = node.JoinPublishing("ann");
        node.Relay();
        node.Run(TimeSpan.FromSeconds(1));
        var cid = node.JoinPublishing("cid", onSecond: true);
        Assert.True(node.RunUntil(() => ann.Sources.All(source => cid.TrackOf(source) is not null) && cid.Sources.All(source => ann.TrackOf(source) is not null), Limit));
    }

    [Fact]
    public void WhatIsLostBetweenTheWorkersIsSentAgain()
    {
        using var node = new VirtualNode(seed: 74);
        var ann = node.JoinPublishing("ann");
        var cid = node.JoinPublishing("cid", onSecond: true);
        cid.Repairs = ann.Repairs = true;
        node.Relay();
        var camera = ann.Sources.Single(source => source.IsVideo);
        Assert.True(node.RunUntil(() => cid.TrackOf(camera) is not null, Limit));
        node.Link.Conditions = new LinkConditions(Loss: 0.05);
        node.Run(TimeSpan.FromSeconds(5));
        node.Link.Conditions = LinkConditions.Perfect;
        node.Run(TimeSpan.FromSeconds(2));
        var numbers = cid.TrackOf(camera)!.From(camera.Ssrc).Select(static packet => packet.Number).Distinct().Order().ToList();
        var missing = numbers[^1] - numbers[0] + 1 - numbers.Count;
        Assert.InRange(missing, 0, numbers.Count / 50);
        Assert.Empty(node.TakeCrashReports());
    }

    [Fact]
    public void ThePartThatDialledEndsWithItsLastParticipant_AndItsPeopleAreToldWhenTheLinkIsLost()
    {
        using var node = new VirtualNode(seed: 75);
        var ann = node.JoinPublishing("ann");
        var cid = node.JoinPublishing("cid", onSecond: true);
        var link = node.Relay();
        var camera = ann.Sources.Single(source => source.IsVideo);
        Assert.True(node.RunUntil(() => cid.TrackOf(camera) is not null, Limit));
        node.Leave(cid);
        Assert.Empty(node.Second.Snapshot());
        Assert.Null(node.Worker.EndRelay(node.Now, VirtualNode.Room, link, new Outbox()).Error);
        Assert.Equal(2, node.Worker.Snapshot().Single().Tracks.Count);

        node.JoinPublishing("dan", onSecond: true);
        node.Relay();
        node.Run(TimeSpan.FromSeconds(1));
        node.Leave(ann);
        node.Link.Unplugged.Add(VirtualNode.Server);
        Assert.True(node.RunUntil(() => node.Told<PeerLeftEvent>("dan").Any(), TimeSpan.FromSeconds(15)), "who is cut off from the rest of the room comes back by joining again");
        Assert.DoesNotContain(node.Events, static e => e is RoomClosedEvent);
    }
}
