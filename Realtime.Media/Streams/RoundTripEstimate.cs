namespace Realtime.Media.Streams;

/// <summary>A smoothed round trip (RFC 6298 §2: an eighth of each new sample), bounded to what is believable.</summary>
public struct RoundTripEstimate()
{
    /// <summary>Before the first sample.</summary>
    public static readonly TimeSpan Initial = TimeSpan.FromMilliseconds(100);

    static readonly TimeSpan Min = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan Max = TimeSpan.FromSeconds(1);

    bool hasSample;

    public readonly bool IsKnown => hasSample;

    public TimeSpan Value { get; private set; } = Initial;

    public void Add(TimeSpan sample)
    {
        if (sample < TimeSpan.Zero) return;
        var smoothed = hasSample ? Value + ((sample - Value) / 8) : sample;
        Value = smoothed < Min ? Min : smoothed > Max ? Max : smoothed;
        hasSample = true;
    }
}
