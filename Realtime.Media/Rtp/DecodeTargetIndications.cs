namespace Realtime.Media.Rtp;

/// <summary>How one frame relates to one decode target (av1-rtp-spec §A.8.3).</summary>
public enum DecodeTargetIndication : byte
{
    NotPresent = 0,
    /// <summary>Nothing in the target depends on it.</summary>
    Discardable = 1,
    /// <summary>Who has not followed the target can begin here.</summary>
    Switch = 2,
    Required = 3,
}

/// <summary>Of one frame for each of up to 32 decode targets.</summary>
public readonly record struct DecodeTargetIndications(ulong Bits)
{
    public DecodeTargetIndication this[int target] => (DecodeTargetIndication)((Bits >> (target * 2)) & 3);

    public DecodeTargetIndications With(int target, uint indication) => new(Bits | ((ulong)(indication & 3) << (target * 2)));
}
