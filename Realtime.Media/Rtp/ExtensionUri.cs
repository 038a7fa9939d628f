namespace Realtime.Media.Rtp;

/// <summary>The URI by which SDP names each <see cref="ExtensionKind"/>.</summary>
public static class ExtensionUri
{
    static readonly string[] Uris = Build();

    /// <summary>Number of kinds, <see cref="ExtensionKind.None"/> included.</summary>
    public static int KindCount => Uris.Length;

    /// <summary>Empty for <see cref="ExtensionKind.None"/>.</summary>
    public static string Of(ExtensionKind kind) => Uris[(int)kind];

    /// <summary><see cref="ExtensionKind.None"/> for a URI we do not know.</summary>
    public static ExtensionKind Parse(ReadOnlySpan<char> uri)
    {
        for (var i = 1; i < Uris.Length; i++)
        {
            if (uri.Equals(Uris[i], StringComparison.OrdinalIgnoreCase)) return (ExtensionKind)i;
        }

        return ExtensionKind.None;
    }

    static string[] Build()
    {
        const string Google = "http://www.webrtc.org/experiments/rtp-hdrext/";
        var kinds = Enum.GetValues<ExtensionKind>();
        var uris = new string[kinds.Length];
        foreach (var kind in kinds)
        {
            uris[(int)kind] = kind switch
            {
                ExtensionKind.None => "",
                ExtensionKind.Mid => "urn:ietf:params:rtp-hdrext:sdes:mid",
                ExtensionKind.Rid => "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
                ExtensionKind.RepairedRid => "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
                ExtensionKind.AbsSendTime => Google + "abs-send-time",
                ExtensionKind.TransmissionOffset => "urn:ietf:params:rtp-hdrext:toffset",
                ExtensionKind.TransportCc => "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
                ExtensionKind.AudioLevel => "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
                ExtensionKind.VideoOrientation => "urn:3gpp:video-orientation",
                ExtensionKind.PlayoutDelay => Google + "playout-delay",
                ExtensionKind.VideoContentType => Google + "video-content-type",
                ExtensionKind.VideoTiming => Google + "video-timing",
                ExtensionKind.ColorSpace => Google + "color-space",
                ExtensionKind.DependencyDescriptor => "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
                ExtensionKind.VideoLayersAllocation => Google + "video-layers-allocation00",
                ExtensionKind.AbsCaptureTime => Google + "abs-capture-time",
                _ => throw new InvalidOperationException($"no URI for {kind}"),
            };
        }

        return uris;
    }
}
