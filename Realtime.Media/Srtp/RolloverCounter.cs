namespace Realtime.Media.Srtp;

/// <summary>
/// The 48-bit packet index (rollover counter × 2^16 + sequence number) of one SSRC, guessed from the highest one seen (RFC 3711 §3.3.1).
/// </summary>
struct RolloverCounter
{
    /// <summary>2^48 packets: the end of a master key's life.</summary>
    public const long MaxIndex = (1L << 48) - 1;

    /// <summary>The highest index accepted; meaningful when <see cref="HasStarted"/>.</summary>
    public long Highest { get; private set; }

    public bool HasStarted { get; private set; }

    /// <summary>The index nearest to the highest seen; may be beyond <see cref="MaxIndex"/> or below 0, which no packet may use.</summary>
    public readonly long Estimate(ushort sequence)
    {
        if (!HasStarted) return sequence;
        int low = (ushort)Highest;
        var delta = sequence - low;
        if (low < 0x8000) return Highest + (delta > 0x8000 ? delta - 0x10000 : delta);
        return Highest + (delta < -0x8000 ? delta + 0x10000 : delta);
    }

    public void Accept(long index)
    {
        if (HasStarted && index <= Highest) return;
        Highest = index;
        HasStarted = true;
    }
}
