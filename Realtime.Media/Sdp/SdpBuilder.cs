using System.Text;

namespace Realtime.Media.Sdp;

/// <summary>Writes the lines that offers and answers have in common; CRLF ends each (RFC 8866 §5).</summary>
public sealed class SdpBuilder
{
    readonly StringBuilder text = new();

    public override string ToString() => text.ToString();

    public SdpBuilder Line(string line)
    {
        text.Append(line).Append("\r\n");
        return this;
    }

    /// <summary>v=, o=, s=, t=.</summary>
    public SdpBuilder Session(long id, long version) =>
        Line("v=0").Line($"o=- {id} {version} IN IP4 127.0.0.1").Line("s=-").Line("t=0 0");

    public SdpBuilder Bundle(IEnumerable<string> mids) => Line($"a=group:BUNDLE {string.Join(' ', mids)}");

    /// <summary>m= and c=; port 9 with the null address: real addresses are in the candidates (RFC 9429 §5.2.1).</summary>
    public SdpBuilder Media(string media, int port, string protocol, IEnumerable<string> formats) =>
        Line($"m={media} {port} {protocol} {string.Join(' ', formats)}").Line("c=IN IP4 0.0.0.0");

    public SdpBuilder Transport(string ufrag, string pwd, Fingerprint fingerprint, SetupRole setup) =>
        Line($"a=ice-ufrag:{ufrag}").Line($"a=ice-pwd:{pwd}").Line($"a=fingerprint:{fingerprint}").Line($"a=setup:{setup.ToString().ToLowerInvariant()}");

    public SdpBuilder Codec(Codec codec)
    {
        var channels = codec.Channels == 1 ? "" : $"/{codec.Channels}";
        Line($"a=rtpmap:{codec.PayloadType} {codec.Name}/{codec.ClockRate}{channels}");
        foreach (var feedback in codec.Feedback) Line($"a=rtcp-fb:{codec.PayloadType} {feedback}");
        var parameters = codec.IsRtx && codec.AssociatedPayloadType is { } repaired && codec.FormatParameters.Length == 0
            ? $"apt={repaired}"
            : codec.FormatParameters;
        return parameters.Length == 0 ? this : Line($"a=fmtp:{codec.PayloadType} {parameters}");
    }

    public SdpBuilder Extension(ExtensionMapping extension)
    {
        var direction = extension.Direction == MediaDirection.SendRecv ? "" : $"/{extension.Direction.ToText()}";
        return Line($"a=extmap:{extension.Id}{direction} {extension.Uri}");
    }

    public SdpBuilder Msid(Msid msid) => Line($"a=msid:{(msid.StreamId.Length == 0 ? "-" : msid.StreamId)} {msid.TrackId}");

    public SdpBuilder Source(SsrcDescription source)
    {
        Line($"a=ssrc:{source.Ssrc} cname:{source.Cname}");
        return source.TrackId.Length == 0 ? this : Line($"a=ssrc:{source.Ssrc} msid:{source.StreamId} {source.TrackId}");
    }

    public SdpBuilder SourceGroup(SsrcGroup group) => Line($"a=ssrc-group:{group.Semantics} {string.Join(' ', group.Ssrcs)}");
}
