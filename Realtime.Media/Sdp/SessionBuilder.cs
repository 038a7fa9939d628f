namespace Realtime.Media.Sdp;

/// <summary>Gathers the session level: what is said there holds for each section that does not say otherwise.</summary>
sealed class SessionBuilder(SdpLimits limits)
{
    readonly List<IReadOnlyList<string>> bundleGroups = [];
    readonly List<ExtensionMapping> extensions = [];

    public TransportBuilder Transport { get; } = new(limits.ItemsPerSection);

    public MediaDirection Direction { get; private set; } = MediaDirection.SendRecv;

    public bool AllowsMixedExtensions { get; private set; }

    public bool IsIceLite { get; private set; }

    public IReadOnlyList<ExtensionMapping> Extensions => extensions;

    public IReadOnlyList<IReadOnlyList<string>> BundleGroups => bundleGroups;

    /// <summary>Null, or what is wrong with the attribute.</summary>
    public string? TakeAttribute(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (Transport.TryTake(name, value, out var problem)) return problem;
        if (MediaDirections.TryParse(name, out var direction))
        {
            Direction = direction;
            return null;
        }

        switch (name)
        {
            case "group": return TakeGroup(value);
            case "extmap": return ExtensionReader.Take(value, limits, extensions);
            case "extmap-allow-mixed": AllowsMixedExtensions = true; return null;
            case "ice-lite": IsIceLite = true; return null;
            default: return null;
        }
    }

    string? TakeGroup(ReadOnlySpan<char> value)
    {
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var semantics) || semantics is not "BUNDLE") return null;
        var mids = new List<string>();
        while (tokens.TryNext(out var mid))
        {
            if (mids.Count == limits.Sections) return "too many mids";
            mids.Add(mid.ToString());
        }

        if (bundleGroups.Count == limits.Sections) return "too many groups";
        bundleGroups.Add(mids);
        return null;
    }
}
