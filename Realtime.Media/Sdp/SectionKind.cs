namespace Realtime.Media.Sdp;

/// <summary>The media of an m= line (RFC 8866 §5.14).</summary>
public enum SectionKind
{
    /// <summary>A media type we do not know: always rejected.</summary>
    Other,
    Audio,
    Video,
    /// <summary>Data channels: rejected for now.</summary>
    Application,
}
