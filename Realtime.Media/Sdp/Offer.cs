namespace Realtime.Media.Sdp;

/// <summary>An offer that keeps this server's rules: one BUNDLE group over one transport, rtcp-mux, DTLS with a fingerprint.</summary>
public sealed record Offer
{
    /// <summary>All m= sections in order, rejected ones included.</summary>
    public required IReadOnlyList<MediaDescription> Sections { get; init; }

    /// <summary>The mids of the BUNDLE group: the sections in use.</summary>
    public required IReadOnlyList<string> Bundle { get; init; }

    /// <summary>Of the offerer-tagged section, the first of the group, which stands for all (RFC 9143 §7.2).</summary>
    public required TransportDescription Transport { get; init; }

    /// <summary>Whether every section in use may mix one- and two-byte header extensions.</summary>
    public required bool AllowsMixedExtensions { get; init; }
}
