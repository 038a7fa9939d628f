using System.Globalization;
using Realtime.Media.Core;

namespace Realtime.Media.Sdp;

/// <summary>Takes a value apart at a separator; runs of spaces count as one.</summary>
ref struct SdpTokens(ReadOnlySpan<char> text, char separator = ' ')
{
    ReadOnlySpan<char> rest = text;

    /// <summary>What was not taken yet.</summary>
    public readonly ReadOnlySpan<char> Rest => rest.Trim(' ');

    public bool TryNext(out ReadOnlySpan<char> token)
    {
        if (separator == ' ') rest = rest.TrimStart(' ');
        if (rest.IsEmpty)
        {
            token = default;
            return false;
        }

        var end = rest.IndexOf(separator);
        token = (end < 0 ? rest : rest[..end]).Trim(' ');
        rest = end < 0 ? default : rest[(end + 1)..];
        return true;
    }

    public bool TryNext(int min, int max, out int number)
    {
        number = 0;
        return TryNext(out var token) && TryParse(token, min, max, out number);
    }

    public bool TryNextSsrc(out Ssrc ssrc)
    {
        ssrc = default;
        if (!TryNext(out var token) || !uint.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return false;
        ssrc = new Ssrc(value);
        return true;
    }

    public bool TryNextPayloadType(out PayloadType type)
    {
        var isRead = TryNext(0, PayloadType.Max, out var number);
        type = new PayloadType((byte)number);
        return isRead;
    }

    public static bool TryParse(ReadOnlySpan<char> text, int min, int max, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= min && number <= max;

    /// <summary>Visible ASCII, 1 … <paramref name="maxLength"/> characters: what may be echoed and put into a packet.</summary>
    public static bool IsName(ReadOnlySpan<char> text, int maxLength) =>
        !text.IsEmpty && text.Length <= maxLength && !text.ContainsAnyExceptInRange('!', '~');
}
