namespace Realtime.Media.Core;

/// <summary>One counter per <see cref="DropReason"/>; single writer.</summary>
public sealed class DropCounters
{
    readonly long[] counts = new long[Enum.GetValues<DropReason>().Length];

    public void Count(DropReason reason) => counts[(int)reason]++;

    public long this[DropReason reason] => counts[(int)reason];
}
