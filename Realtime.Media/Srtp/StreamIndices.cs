namespace Realtime.Media.Srtp;

/// <summary>Where one SSRC's packets stand: its rollover counter and the indices used.</summary>
struct StreamIndices
{
    public RolloverCounter Rollover;
    public ReplayWindow Window;

    /// <summary>The index of a packet with this sequence number; false when it was used before, is too old or beyond the key's life.</summary>
    public readonly bool TryEstimate(ushort sequence, out long index)
    {
        index = Rollover.Estimate(sequence);
        return index <= RolloverCounter.MaxIndex && Window.IsFresh(index);
    }

    public void Accept(long index)
    {
        Rollover.Accept(index);
        Window.Accept(index);
    }
}
