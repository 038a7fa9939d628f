namespace Realtime.Media.Core;

/// <summary>Bits per second.</summary>
public readonly record struct Bitrate(long BitsPerSecond) : IComparable<Bitrate>
{
    public static readonly Bitrate Zero = new(0);

    public int CompareTo(Bitrate other) => BitsPerSecond.CompareTo(other.BitsPerSecond);

    public override string ToString() => $"{BitsPerSecond / 1000.0:F1} kbit/s";
}
