namespace Realtime.Media.Sdp;

/// <summary>A session description as read, offer or answer, before any rule of negotiation is asked of it.</summary>
public sealed record SessionDescription
{
    /// <summary>The mids of each a=group:BUNDLE line (RFC 9143).</summary>
    public required IReadOnlyList<IReadOnlyList<string>> BundleGroups { get; init; }

    public required IReadOnlyList<MediaDescription> Sections { get; init; }

    /// <summary>a=ice-lite.</summary>
    public bool IsIceLite { get; init; }
}
