namespace Realtime.Media.Core;

/// <summary>Reads bits, the most significant first. Past the end it gives zeros and remembers: check <see cref="Failed"/> once, at the end.</summary>
public ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>Bits read so far.</summary>
    public int Position { get; private set; }

    public bool Failed { get; private set; }

    public bool ReadFlag() => Read(1) != 0;

    /// <param name="count">0 to 32.</param>
    public uint Read(int count)
    {
        if (Failed || count > (bytes.Length * 8) - Position)
        {
            Failed = true;
            return 0;
        }

        uint value = 0;
        for (; count > 0; count--, Position++) value = (value << 1) | ((uint)(bytes[Position >> 3] >> (7 - (Position & 7))) & 1);
        return value;
    }

    /// <summary>A number below <paramref name="limit"/>, in as few bits as that allows (AV1 §4.10.7).</summary>
    /// <param name="limit">1 to 2^16.</param>
    public uint ReadBelow(uint limit)
    {
        var bits = 32 - System.Numerics.BitOperations.LeadingZeroCount(limit);
        var shorter = (1u << bits) - limit;
        var value = Read(bits - 1);
        return value < shorter ? value : (value << 1) - shorter + Read(1);
    }
}
