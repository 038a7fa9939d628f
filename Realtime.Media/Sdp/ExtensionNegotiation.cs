namespace Realtime.Media.Sdp;

/// <summary>Which of the offered header extensions are answered, under the offerer's ids (RFC 8285 §6).</summary>
public static class ExtensionNegotiation
{
    /// <param name="supported">URIs, as the server wants them for this kind of section.</param>
    public static IReadOnlyList<ExtensionMapping> Select(MediaDescription offered, IReadOnlyCollection<string> supported)
    {
        var selected = new List<ExtensionMapping>();
        foreach (var extension in offered.Extensions)
        {
            if (extension.Direction == MediaDirection.Inactive || !supported.Contains(extension.Uri, StringComparer.OrdinalIgnoreCase)) continue;
            selected.Add(extension with { Direction = extension.Direction.Reverse() });
        }

        return selected;
    }
}
