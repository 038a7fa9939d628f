using System.Diagnostics.CodeAnalysis;
using Realtime.Media.Core;

namespace Realtime.Media.Sdp;

/// <summary>Gathers the ssrc and ssrc-group lines of one section.</summary>
sealed class SourceTable(SdpLimits limits)
{
    readonly List<SsrcDescription> sources = [];
    readonly List<SsrcGroup> groups = [];

    public IReadOnlyList<SsrcDescription> Sources => [.. sources];

    public IReadOnlyList<SsrcGroup> Groups => [.. groups];

    /// <summary>Null, or what is wrong with the line.</summary>
    public string? TakeSource(ReadOnlySpan<char> value)
    {
        var tokens = new SdpTokens(value);
        if (!tokens.TryNextSsrc(out var ssrc)) return "ssrc expected";
        var index = sources.FindIndex(source => source.Ssrc == ssrc);
        if (index < 0)
        {
            if (sources.Count == limits.ItemsPerSection) return "too many";
            index = sources.Count;
            sources.Add(new SsrcDescription(ssrc));
        }

        var rest = tokens.Rest;
        if (rest.StartsWith("cname:"))
        {
            var cname = rest["cname:".Length..];
            if (cname.Length > limits.NameLength) return "cname too long";
            sources[index] = sources[index] with { Cname = cname.ToString() };
        }
        else if (rest.StartsWith("msid:"))
        {
            if (!TryReadMsid(rest["msid:".Length..], limits.NameLength, out var msid)) return "stream and track expected";
            sources[index] = sources[index] with { StreamId = msid.StreamId, TrackId = msid.TrackId };
        }

        return null;
    }

    public string? TakeGroup(ReadOnlySpan<char> value)
    {
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var semantics)) return "semantics expected";
        var members = new List<Ssrc>();
        while (tokens.TryNextSsrc(out var ssrc) && members.Count < limits.ItemsPerSection) members.Add(ssrc);
        if (!tokens.Rest.IsEmpty || members.Count == 0) return "ssrcs expected";
        if (groups.Count == limits.ItemsPerSection) return "too many";
        groups.Add(new SsrcGroup(semantics.ToString(), members));
        return null;
    }

    /// <summary>The track is optional (RFC 8830 §2), the stream may be <c>-</c>.</summary>
    public static bool TryReadMsid(ReadOnlySpan<char> value, int maxLength, [NotNullWhen(true)] out Msid? msid)
    {
        msid = null;
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var stream) || stream.Length > maxLength) return false;
        tokens.TryNext(out var track);
        if (track.Length > maxLength) return false;
        msid = new Msid(stream is "-" ? "" : stream.ToString(), track.ToString());
        return true;
    }
}
