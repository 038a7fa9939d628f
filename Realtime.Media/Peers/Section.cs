using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Peers;

/// <summary>One m= section of a peer: what was offered last, what was answered, and the streams that live in it.</summary>
public sealed class Section(int index)
{
    public int Index { get; } = index;

    public required MediaDescription Offered { get; set; }

    public string Mid => Offered.Mid;

    public SectionKind Kind => Offered.Kind;

    /// <summary>Answered with port 0: free for any other use by a later offer.</summary>
    public bool IsRejected { get; set; }

    public IReadOnlyList<Codec> Codecs { get; set; } = [];

    public IReadOnlyList<ExtensionMapping> Extensions { get; set; } = [];

    /// <summary>What the peer publishes here.</summary>
    public ReceiveTrack? Incoming { get; set; }

    /// <summary>What the peer receives here: a section to bind a track to.</summary>
    public SendStream? Outgoing { get; set; }

    /// <summary>Stream and track names for the answer: whose track plays here.</summary>
    public Msid? Playing { get; set; }

    public MediaDirection AnswerDirection =>
        (Incoming is null ? MediaDirection.Inactive : MediaDirection.RecvOnly) | (Outgoing is null ? MediaDirection.Inactive : MediaDirection.SendOnly);
}
