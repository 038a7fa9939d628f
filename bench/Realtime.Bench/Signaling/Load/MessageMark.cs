using System.Buffers.Text;
using System.Globalization;

namespace Realtime.Bench.Signaling.Load;

/// <summary>What a message's text begins with, so that it is found in a stream without reading JSON: <c>~@</c>, its number, when it was sent (both hexadecimal).</summary>
static class MessageMark
{
    public const int Length = 26;

    public const byte First = (byte)'~';

    const int NumberDigits = 8, TimeDigits = 16;

    /// <summary>A text of that many characters.</summary>
    public static string Text(int number, long time, int length) =>
        string.Create(CultureInfo.InvariantCulture, $"~@{number:x8}{time:x16}").PadRight(length, 'x');

    /// <param name="mark"><see cref="Length"/> bytes that begin with <see cref="First"/>.</param>
    public static bool TryRead(ReadOnlySpan<byte> mark, out int number, out long time)
    {
        (number, time) = (0, 0);
        return mark[1] == '@'
            && Utf8Parser.TryParse(mark.Slice(2, NumberDigits), out number, out var used, 'x') && used == NumberDigits
            && Utf8Parser.TryParse(mark.Slice(2 + NumberDigits, TimeDigits), out time, out used, 'x') && used == TimeDigits;
    }
}
