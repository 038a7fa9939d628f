namespace Realtime.Media.Sdp;

/// <summary>Who sends in a section, as its own side says it (RFC 8866 §6.7).</summary>
[Flags]
public enum MediaDirection
{
    Inactive = 0,
    SendOnly = 1,
    RecvOnly = 2,
    SendRecv = SendOnly | RecvOnly,
}

/// <summary>The rules of RFC 3264 §6.1 and §8.4.</summary>
public static class MediaDirections
{
    public static bool Sends(this MediaDirection direction) => (direction & MediaDirection.SendOnly) != 0;

    public static bool Receives(this MediaDirection direction) => (direction & MediaDirection.RecvOnly) != 0;

    /// <summary>The same as the other side sees it.</summary>
    public static MediaDirection Reverse(this MediaDirection direction) => direction switch
    {
        MediaDirection.SendOnly => MediaDirection.RecvOnly,
        MediaDirection.RecvOnly => MediaDirection.SendOnly,
        _ => direction,
    };

    /// <summary>What may be answered: what we want, as far as the offer allows it.</summary>
    public static MediaDirection Answer(MediaDirection offered, MediaDirection wanted) => offered.Reverse() & wanted;

    public static string ToText(this MediaDirection direction) => direction switch
    {
        MediaDirection.SendOnly => "sendonly",
        MediaDirection.RecvOnly => "recvonly",
        MediaDirection.SendRecv => "sendrecv",
        _ => "inactive",
    };

    public static bool TryParse(ReadOnlySpan<char> text, out MediaDirection direction)
    {
        (var known, direction) = text switch
        {
            "sendrecv" => (true, MediaDirection.SendRecv),
            "sendonly" => (true, MediaDirection.SendOnly),
            "recvonly" => (true, MediaDirection.RecvOnly),
            "inactive" => (true, MediaDirection.Inactive),
            _ => (false, MediaDirection.SendRecv),
        };
        return known;
    }
}
