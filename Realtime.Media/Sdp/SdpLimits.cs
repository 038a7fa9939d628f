namespace Realtime.Media.Sdp;

/// <summary>Bounds of what is read; beyond them an offer is refused as <see cref="NegotiationErrorCode.TooLarge"/>.</summary>
public sealed record SdpLimits
{
    public static readonly SdpLimits Default = new();

    /// <summary>Characters of the whole text: a Chromium video section takes 4–6 thousand.</summary>
    public int Length { get; init; } = 256 * 1024;

    public int Lines { get; init; } = 16 * 1024;

    public int Sections { get; init; } = 128;

    /// <summary>Entries of each kind (payload types, extensions, ssrcs, candidates …) in one section.</summary>
    public int ItemsPerSection { get; init; } = 128;

    /// <summary>Characters of a name: rid, msid parts, cname, URI.</summary>
    public int NameLength { get; init; } = 256;

    /// <summary>Characters of a mid: it rides in every packet; browsers use one to three.</summary>
    public int MidLength { get; init; } = 32;
}
