using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Peers;
using Realtime.Media.Rooms;
using Realtime.Media.Sdp;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>The commands for sessions over HTTP (WHIP, WHEP): joining with an offer in one step, and ICE without an offer.</summary>
public sealed partial class Worker
{
    /// <param name="admitNewRooms">False while draining.</param>
    public WorkerReply<OpenPeerResult> Open(Instant now, OpenPeerCommand command, ParticipantInfo info, bool admitNewRooms, Outbox outbox)
    {
        var publishes = command.Via == JoinedVia.Whip;
        if (!OfferReader.TryRead(command.Sdp, out var offer, out var error)) return SessionRefusal(error);
        if (SessionRules.Check(offer, publishes) is { } unsuitable) return SessionRefusal(unsuitable);
        if (Enter(now, command.Room, command.Epoch, outbox, out var slot) is { } stale) return stale;
        if (slot is null && !admitNewRooms) return new RealtimeError(ErrorCode.Unavailable, "The node is draining.", RetryAfterMs: 0);
        if (RefuseRetired(slot) is { } retired) return retired;
        if (circuits.Check(command.Room, command.User) is { } unfit) return unfit;
        slot ??= Open(command.Room, command.Epoch);
        if (slot.Peers.ContainsKey(command.Participant)) return new RealtimeError(ErrorCode.Conflict, "The participant is in the room already.", Field: "participant");
        return GuardNewcomer(now, slot, info, "open", outbox, () =>
        {
            var grants = new PeerGrants(publishes, !publishes, environment.Quotas.PeerTracks, environment.Quotas.PeerSections);
            var selection = publishes ? null : command.Play is { } name ? Selection.Of(name) : Selection.Programme;
            if (slot.Room.Join(now, info, grants, selection, command.Token) is not { } participant) return new WorkerReply<OpenPeerResult>(null, RoomIsFull);
            var peer = Seat(now, slot, participant);
            var (answer, refused) = slot.Room.Negotiate(now, participant, offer, Labels(offer));
            if (refused is not null)
            {
                slot.Room.Leave(now, participant, LeaveReason.TransportClosed, outbox);
                circuits.Failed(command.Room, command.User, TransportFault.Negotiation);
                return SessionRefusal(refused);
            }

            table.SyncUfrags(peer);
            AdmitHandshake(now, peer, outbox);
            return new OpenPeerResult(answer!, participant.Peer.Local!.Ufrag);
        });
    }

    public WorkerReply<IcePeerResult> Ice(Instant now, IcePeerCommand command, Outbox outbox)
    {
        if (command.Ufrag is not null && !IceCredentials.TryCreate(command.Ufrag, command.Pwd ?? "", out _))
            return new RealtimeError(ErrorCode.Invalid, "An ICE password belongs to the ufrag: 4 to 256 and 22 to 256 ice-chars.", Field: "a=ice-pwd");
        if (Find(now, command.Room, command.Epoch, command.Participant, outbox, out var slot) is { } missing) return missing;
        return Guard(now, slot.Room, slot, "ice", outbox, () =>
        {
            var peer = slot.Participant.Peer;
            if (peer.Local is not { } local)
                return new WorkerReply<IcePeerResult>(null, new RealtimeError(ErrorCode.Conflict, "The participant has not offered yet.", Field: "participant"));
            if (command.IfUfrag is { } expected && !expected.Contains(local.Ufrag)) return new IcePeerResult(local.Ufrag, Matched: false);
            if (command.Ufrag is null) return new IcePeerResult(local.Ufrag, Matched: true);
            var restarted = peer.RestartIce(command.Ufrag, command.Pwd!);
            if (restarted)
            {
                table.SyncUfrags(slot);
                ActionLog.Record("media", "iceRestart", slot.Participant.Info.User, command.Room, command.Participant);
            }

            // A client that lost the answer to its restart asks again with the same credentials, for whichever session is current.
            var tell = restarted || (command.IfUfrag is null && peer.HasRestarted);
            return new IcePeerResult(peer.Local!.Ufrag, Matched: true, tell ? peer.WriteIceFragment() : null);
        });
    }

    /// <summary>Such clients have no other way to say what a section carries; pages look for these words.</summary>
    static TrackLabel[] Labels(Offer offer) =>
        [.. offer.Sections.Where(section => section.IsMedia).Select(section => new TrackLabel(section.Mid, section.Kind == SectionKind.Audio ? "microphone" : "camera"))];

    /// <summary>HTTP tells what cannot be read (400) from what is not spoken here (422).</summary>
    static RealtimeError SessionRefusal(NegotiationError error) => new(
        error.Code switch
        {
            NegotiationErrorCode.TooLarge => ErrorCode.TooLarge,
            NegotiationErrorCode.Unsupported or NegotiationErrorCode.Bundle or NegotiationErrorCode.Discontinuity => ErrorCode.Unsupported,
            _ => ErrorCode.Invalid,
        },
        error.ToString(), Field: error.Field);
}
