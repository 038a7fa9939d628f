using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Isolation;
using Realtime.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Harness;

/// <summary>What signaling and clients ask of the node.</summary>
sealed partial class VirtualNode
{
    /// <summary>Joins and offers in one command, as WHIP and WHEP do: a microphone and a camera, or a section to hear and one to see.</summary>
    public TestPeer Open(string id, string via, string? play = null)
    {
        var peer = NewPeer(id);
        if (via == JoinedVia.Whip)
        {
            peer.Publish(SectionKind.Audio);
            peer.Publish(SectionKind.Video);
        }
        else
        {
            peer.Offer.AddReceivers(1, 1);
        }

        var command = new OpenPeerCommand(NextId(), Room, Epoch, id, $"user-{id}", id, via, peer.Offer.ToSdp(), play);
        var reply = Worker.Open(Now, command, new ParticipantInfo(id, command.User, id, DateTimeOffset.UnixEpoch, Via: via), admitNewRooms: true, serverOutbox);
        Assert.Null(reply.Error);
        Flush();
        peer.Accept(Now, reply.Value!.Sdp);
        Serve();
        return peer;
    }

    /// <summary>Tells the peer's own credentials, as a PATCH does.</summary>
    public IcePeerResult Ice(TestPeer peer, string? ifUfrag = null)
    {
        var command = new IcePeerCommand(NextId(), Room, Epoch, peer.Id, ifUfrag is null ? null : [ifUfrag], peer.Offer.Ufrag, peer.Offer.Pwd);
        var reply = Worker.Ice(Now, command, serverOutbox);
        Assert.Null(reply.Error);
        Flush();
        return reply.Value!;
    }

    /// <summary>Joins, publishes a microphone and a camera, and offers.</summary>
    public TestPeer JoinPublishing(string id, string room = Room, TimeSpan clockShift = default, IReadOnlyList<Codec>? codecs = null, bool tellsSsrcs = true, bool onSecond = false)
    {
        var peer = Join(id, room: room, clockShift: clockShift, codecs: codecs, tellsSsrcs: tellsSsrcs, onSecond: onSecond);
        peer.Publish(SectionKind.Audio);
        peer.Publish(SectionKind.Video);
        Negotiate(peer, room);
        return peer;
    }

    /// <summary>Joins again with another peer connection, as a client does that lost the answer to its join.</summary>
    public TestPeer ComeBack(TestPeer before)
    {
        peers.Remove(before.Id);
        Join(before.Id);
        var peer = peers[before.Id] = new TestPeer(before.Id, NetAddress.FromIPv4(0x0A000200, 6000), Server, new Entropy(entropy.NextUInt64()), isAnother: true);
        peer.Publish(SectionKind.Audio);
        peer.Publish(SectionKind.Video);
        var reply = Worker.Negotiate(Now, new NegotiatePeerCommand(NextId(), Room, Epoch, peer.Id, peer.Offer.ToSdp(), Fresh: true), serverOutbox);
        Assert.Null(reply.Error);
        Flush();
        peer.Accept(Now, reply.Value!.Sdp);
        Serve();
        return peer;
    }

    public void Negotiate(TestPeer peer, string room = Room)
    {
        var reply = TryNegotiate(peer, room);
        Assert.Null(reply.Error);
        peer.Accept(Now, reply.Value!.Sdp);
        Serve();
    }

    public WorkerReply<NegotiatePeerResult> TryNegotiate(TestPeer peer, string room = Room, long epoch = Epoch)
    {
        var reply = WorkerOf(peer.Id).Negotiate(Now, new NegotiatePeerCommand(NextId(), room, epoch, peer.Id, peer.Offer.ToSdp()), serverOutbox);
        Flush(peer.Id);
        return reply;
    }

    public void Leave(TestPeer peer, string room = Room)
    {
        Assert.Null(WorkerOf(peer.Id).Leave(Now, new LeavePeerCommand(NextId(), room, Epoch, peer.Id, LeaveReason.Left), serverOutbox).Error);
        Flush(peer.Id);
        Serve();
    }

    public void SetMuted(TestPeer peer, string track, bool muted)
    {
        Assert.Null(WorkerOf(peer.Id).SetTrack(Now, new SetTrackCommand(NextId(), Room, Epoch, peer.Id, track, muted), serverOutbox).Error);
        Flush(peer.Id);
    }
}
