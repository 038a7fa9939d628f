using Realtime.Media.Sdp;

namespace Realtime.Media.Rooms;

/// <summary>
/// Which codec a publisher is asked for: the first of its own order that all who may play it can, as far as they have told. When there is none, its first; those who
/// cannot play it are told. Who joins later is not known yet and changes nothing.
/// </summary>
static class CodecChoice
{
    /// <param name="offered">At least one.</param>
    public static Codec For(SectionKind kind, IReadOnlyList<Codec> offered, Participant publisher, IEnumerable<Participant> room)
    {
        var others = room.Where(participant => participant != publisher && participant.Peer.Grants.Subscribe).ToList();
        return offered.FirstOrDefault(codec => others.TrueForAll(other => other.ProbablyPlays(kind, codec))) ?? offered[0];
    }
}
