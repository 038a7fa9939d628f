using Realtime.Media.Core;

namespace Realtime.Media.Ice;

/// <summary>One remote address from which an authenticated check came.</summary>
struct CandidatePath
{
    public NetAddress Address;
    public Instant LastHeard;

    /// <summary>Of the last check with USE-CANDIDATE; <see cref="Instant.Zero"/> before the first.</summary>
    public Instant LastNominated;

    /// <summary>The PRIORITY of the last check: how the other side ranks its end of the path.</summary>
    public uint Priority;

    /// <summary>Which credentials validated it; rises with each ICE restart.</summary>
    public int Generation;
}

/// <summary>
/// The paths of one peer. Bounded: when all slots are taken the one heard longest ago gives way, never the selected one. Only an
/// authenticated check gets in, so a stranger fills nothing.
/// </summary>
sealed class CandidatePaths
{
    public const int Capacity = 16;
    public const int None = -1;

    readonly CandidatePath[] paths = new CandidatePath[Capacity];

    public int Count { get; private set; }

    public ref CandidatePath this[int index] => ref paths[index];

    public int Find(in NetAddress address)
    {
        for (var i = 0; i < Count; i++)
            if (paths[i].Address == address)
                return i;
        return None;
    }

    /// <summary>The path of this address, made when new.</summary>
    /// <param name="keep">The selected path, which never gives way, or <see cref="None"/>.</param>
    public int FindOrAdd(in NetAddress address, int keep)
    {
        var index = Find(address);
        if (index != None) return index;
        index = Count < Capacity ? Count++ : Oldest(keep);
        paths[index] = new CandidatePath { Address = address };
        return index;
    }

    /// <summary>The last one takes its place.</summary>
    public void RemoveAt(int index) => paths[index] = paths[--Count];

    int Oldest(int keep)
    {
        var oldest = keep == 0 ? 1 : 0;
        for (var i = 0; i < Count; i++)
            if (i != keep && paths[i].LastHeard < paths[oldest].LastHeard)
                oldest = i;
        return oldest;
    }
}
