namespace Realtime.Media.Ice;

/// <summary>A username fragment of 4–8 characters packed into one number, so that finding a peer by it costs no string.</summary>
public readonly record struct UfragKey(ulong Value)
{
    public const int MinLength = 4;
    public const int MaxLength = 8;

    /// <summary>False unless 4–8 ice-chars (RFC 8839 §5.4: letters, digits, + and /).</summary>
    public static bool TryFrom(ReadOnlySpan<byte> ufrag, out UfragKey key)
    {
        key = default;
        if (ufrag.Length is < MinLength or > MaxLength) return false;
        ulong value = 0;
        foreach (var c in ufrag)
        {
            if (!IceCredentials.IsIceChar(c)) return false;
            value = (value << 8) | c;
        }

        key = new UfragKey(value);
        return true;
    }

    public override string ToString()
    {
        Span<char> text = stackalloc char[MaxLength];
        var at = MaxLength;
        for (var rest = Value; rest != 0; rest >>= 8) text[--at] = (char)(rest & 0xFF);
        return new string(text[at..]);
    }
}
