namespace Realtime.Media.Rtp;

/// <summary>One header extension element. Ids are a peer's own numbers: <see cref="ExtensionMap"/> says what they mean.</summary>
public readonly ref struct RtpExtension(byte id, int offset, ReadOnlySpan<byte> value)
{
    public byte Id { get; } = id;

    /// <summary>Of the value, from the start of the extension elements.</summary>
    public int Offset { get; } = offset;

    public ReadOnlySpan<byte> Value { get; } = value;
}

/// <summary>
/// The elements of a header extension in either form of RFC 8285; any other profile reads as empty. Reading stops at the first
/// element that does not fit.
/// <code>
/// one-byte (0xBEDE):  | ID 1–14 (4) | len−1 (4) | data 1–16  |    0x00 = padding, ID 15 = stop
/// two-byte (0x100x):  | ID 1–255 (8) | len (8)  | data 0–255 |    0x00 = padding
/// </code>
/// </summary>
public readonly ref struct RtpExtensions(ushort profile, ReadOnlySpan<byte> elements)
{
    public const ushort OneByteProfile = 0xBEDE;
    public const ushort TwoByteProfile = 0x1000;
    const ushort TwoByteMask = 0xFFF0;
    const byte StopId = 15;

    readonly ushort profile = profile;
    readonly ReadOnlySpan<byte> elements = elements;

    public static bool IsTwoByte(ushort profile) => (profile & TwoByteMask) == TwoByteProfile;

    public Enumerator GetEnumerator() => new(profile, elements);

    public bool TryFind(byte id, out ReadOnlySpan<byte> value)
    {
        foreach (var element in this)
        {
            if (element.Id != id) continue;
            value = element.Value;
            return true;
        }

        value = default;
        return false;
    }

    public ref struct Enumerator
    {
        readonly ReadOnlySpan<byte> elements;
        readonly bool twoByte;
        int position;
        byte id;
        int offset;
        int length;

        internal Enumerator(ushort profile, ReadOnlySpan<byte> elements)
        {
            twoByte = IsTwoByte(profile);
            this.elements = twoByte || profile == OneByteProfile ? elements : default;
        }

        public readonly RtpExtension Current => new(id, offset, elements.Slice(offset, length));

        public bool MoveNext()
        {
            while (position < elements.Length)
            {
                var first = elements[position++];
                if (first == 0) continue;
                if (twoByte)
                {
                    if (position == elements.Length) return false;
                    id = first;
                    length = elements[position++];
                }
                else
                {
                    id = (byte)(first >> 4);
                    length = (first & 0x0F) + 1;
                    // ID 15 and ID 0 with a length end the extension; what came before stands (RFC 8285 §4.2).
                    if (id is 0 or StopId) break;
                }

                if (length > elements.Length - position) break;
                offset = position;
                position += length;
                return true;
            }

            position = elements.Length;
            return false;
        }
    }
}
