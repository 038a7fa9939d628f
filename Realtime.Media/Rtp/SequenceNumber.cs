namespace Realtime.Media.Rtp;

/// <summary>RTP sequence number: 16 bits that wrap, compared by half-range (RFC 1982).</summary>
public readonly record struct SequenceNumber(ushort Value)
{
    public SequenceNumber Next => new((ushort)(Value + 1));

    /// <summary>Steps from <paramref name="other"/> to this one the short way round: −32768 … 32767.</summary>
    public int DistanceFrom(SequenceNumber other) => (short)(Value - other.Value);

    public bool IsNewerThan(SequenceNumber other) => DistanceFrom(other) > 0;

    public static SequenceNumber operator +(SequenceNumber a, int steps) => new((ushort)(a.Value + steps));

    public static SequenceNumber operator -(SequenceNumber a, int steps) => new((ushort)(a.Value - steps));

    public override string ToString() => Value.ToString();
}
