using System.Buffers.Binary;
using System.Text;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>Makes inputs from valid ones: bit flips, cuts, lies in length fields, copies, splices, sometimes nothing, sometimes noise.</summary>
/// <param name="isText">Also moves lines and puts in words that readers stumble over.</param>
sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus, int maxLength = 1500, bool isText = false)
{
    const int MaxChanges = 4;

    static readonly byte[] Bytes = [0, 1, 3, 0x0F, 0x10, 0x40, 0x7F, 0x80, 0x90, 0xBE, 0xDE, 0xF0, 0xFE, 0xFF];

    static readonly byte[][] Words = [.. ((string[])
    [
        "0", "-1", "1", "65535", "65536", "4294967296", "99999999999999999999", "1e999", "null", "[null]", "{}", "[]", "\"\"", "true", "\\ud800", "\u00e9\u2028\U0001F600", "\0",
        " ", ":", "=", "\r\n", "\n", ";", ",", "*", "a=", "m=", "a=mid:", "a=group:BUNDLE ", "a=rid:", "a=ssrc:", "a=extmap:1 ", "a=rtpmap:0 ",
    ]).Select(Encoding.UTF8.GetBytes)];

    static ReadOnlySpan<byte> Separators => " :=;,/\"{}[]\r\n"u8;

    readonly Random random = new(seed);

    public Random Random => random;

    public byte[] Next()
    {
        var choice = random.Next(100);
        if (choice < 4) return Noise(random.Next(maxLength / 4));
        var input = (byte[])Pick().Clone();
        if (choice < 14) return input;
        for (var changes = 1 + random.Next(MaxChanges); changes > 0; changes--) input = Change(input);
        return input.Length <= maxLength ? input : input[..maxLength];
    }

    byte[] Pick() => corpus[random.Next(corpus.Count)];

    byte[] Noise(int length)
    {
        var noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }

    byte[] Change(byte[] input)
    {
        if (input.Length == 0) return Noise(1 + random.Next(8));
        if (isText && random.Next(2) == 0) return ChangeText(input);
        var at = random.Next(input.Length);
        switch (random.Next(9))
        {
            case 0:
                input[at] ^= (byte)(1 << random.Next(8));
                return input;
            case 1:
                input[at] = Bytes[random.Next(Bytes.Length)];
                return input;
            case 2:
                return input[..at];
            case 3:
                return [.. input, .. Noise(1 + random.Next(16))];
            case 4:
                Lie(input, at);
                return input;
            case 5:
                var copied = Slice(input, at);
                return [.. input[..at], .. copied, .. input[at..]];
            case 6:
                return [.. input[..at], .. input[(at + Slice(input, at).Length)..]];
            case 7:
                var other = Pick();
                return [.. input[..at], .. other[random.Next(other.Length + 1)..]];
            default:
                var target = random.Next(input.Length);
                var moved = Slice(input, at);
                moved.AsSpan(0, Math.Min(moved.Length, input.Length - target)).CopyTo(input.AsSpan(target));
                return input;
        }
    }

    byte[] Slice(byte[] input, int at) => input[at..Math.Min(input.Length, at + 1 + random.Next(32))];

    /// <summary>Where a length might stand: too much, too little, by one.</summary>
    void Lie(byte[] input, int at)
    {
        if (at + 2 > input.Length) return;
        var rest = input.Length - at - 2;
        var value = random.Next(7) switch { 0 => 0, 1 => rest, 2 => rest + 1, 3 => rest - 1, 4 => 0xFFFF, 5 => rest / 4, _ => random.Next(0x10000) };
        BinaryPrimitives.WriteUInt16BigEndian(input.AsSpan(at), (ushort)value);
    }

    byte[] ChangeText(byte[] input)
    {
        var (start, end) = Part(input, random.Next(2) == 0 ? "\n"u8 : Separators);
        var part = input[start..end];
        return random.Next(4) switch
        {
            0 => [.. input[..start], .. Words[random.Next(Words.Length)], .. input[end..]],
            1 => [.. input[..end], .. part, .. input[end..]],
            2 => [.. input[..start], .. input[end..]],
            _ => MoveTo(random.Next(input.Length - part.Length + 1)),
        };

        byte[] MoveTo(int target)
        {
            byte[] rest = [.. input[..start], .. input[end..]];
            return [.. rest[..target], .. part, .. rest[target..]];
        }
    }

    /// <summary>A line or a word.</summary>
    (int Start, int End) Part(byte[] input, ReadOnlySpan<byte> separators)
    {
        var at = random.Next(input.Length);
        var start = input.AsSpan(0, at).LastIndexOfAny(separators) + 1;
        var length = input.AsSpan(start).IndexOfAny(separators);
        return (start, length < 0 ? input.Length : start + length);
    }
}
