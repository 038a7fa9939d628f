namespace Realtime.Media.Sdp;

/// <summary>Reads extmap lines: <c>3/sendonly urn:… attributes</c> (RFC 8285 §5).</summary>
static class ExtensionReader
{
    const int MaxId = 255;
    /// <summary>4096–4095+n are placeholders for "any id" in offers with more mappings than ids (RFC 8285 §6).</summary>
    const int MaxPlaceholder = 4351;
    const int StopId = 15;
    /// <summary>RFC 6904: the URI proper follows it, and offers repeat it. Encrypted extensions are not supported.</summary>
    const string Encrypt = "urn:ietf:params:rtp-hdrext:encrypt";

    /// <summary>Null, or what is wrong with the line. Ids that no packet can carry are passed over.</summary>
    public static string? Take(ReadOnlySpan<char> value, SdpLimits limits, List<ExtensionMapping> extensions)
    {
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var head) || !tokens.TryNext(out var uri)) return "id and URI expected";
        var slash = head.IndexOf('/');
        var direction = MediaDirection.SendRecv;
        if (slash >= 0 && !MediaDirections.TryParse(head[(slash + 1)..], out direction)) return "bad direction";
        if (!SdpTokens.TryParse(slash < 0 ? head : head[..slash], 1, MaxPlaceholder, out var id)) return "id of 1 to 255 expected";
        if (!SdpTokens.IsName(uri, limits.NameLength)) return "bad URI";
        if (id is > MaxId or StopId || uri.Equals(Encrypt, StringComparison.OrdinalIgnoreCase)) return null;
        if (extensions.Count == limits.ItemsPerSection) return "too many";
        extensions.Add(new ExtensionMapping((byte)id, uri.ToString(), direction));
        return null;
    }
}
