namespace Realtime.Media.Sdp;

/// <summary>Which encodings of an offered simulcast are taken (RFC 8853 §5.3): of each stream the first alternative, as many as there are layers, in the order of the offer.</summary>
public static class SimulcastNegotiation
{
    public const int MaxEncodings = 4;

    /// <summary>Names of at least two encodings; empty when the section sends a single stream.</summary>
    public static IReadOnlyList<string> Select(MediaDescription offered)
    {
        if (offered.Kind != SectionKind.Video || offered.Simulcast is not { } simulcast) return [];
        var rids = new List<string>();
        foreach (var alternatives in simulcast.Send)
        {
            var rid = alternatives[0].Rid;
            if (rids.Count < MaxEncodings && !rids.Contains(rid) && IsSent(offered, rid)) rids.Add(rid);
        }

        return rids.Count > 1 ? rids : [];
    }

    /// <summary>A rid without its line stands for nothing (RFC 8853 §5.2).</summary>
    static bool IsSent(MediaDescription offered, string rid)
    {
        foreach (var line in offered.Rids)
        {
            if (line.Id == rid && line.Direction == MediaDirection.SendOnly) return true;
        }

        return false;
    }
}
