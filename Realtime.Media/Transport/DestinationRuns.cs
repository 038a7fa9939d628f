using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>
/// Threads the entries of an outbox into one chain per destination, in their order, so that a subscriber's packets leave together
/// whatever the order in which the fan-out produced them. All arrays are allocated once.
/// </summary>
internal sealed class DestinationRuns
{
    const int End = -1;

    readonly int[] table;
    readonly int[] heads;
    readonly int[] tails;
    readonly int[] slots;
    readonly int[] links;
    int destinations;

    public DestinationRuns(int maxDatagrams)
    {
        // Open addressing at most half full.
        table = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)maxDatagrams * 2)];
        Array.Fill(table, End);
        heads = new int[maxDatagrams];
        tails = new int[maxDatagrams];
        slots = new int[maxDatagrams];
        links = new int[maxDatagrams];
    }

    public int Destinations => destinations;

    public int First(int destination) => heads[destination];

    /// <summary>The next entry for the same destination, or a negative number.</summary>
    public int Next(int entry) => links[entry];

    public void Build(ReadOnlySpan<Outbox.Entry> entries)
    {
        for (var d = 0; d < destinations; d++) table[slots[d]] = End;
        destinations = 0;
        var mask = table.Length - 1;
        for (var i = 0; i < entries.Length; i++)
        {
            links[i] = End;
            var to = entries[i].To;
            var slot = Hash(to) & mask;
            int d;
            while ((d = table[slot]) != End && entries[heads[d]].To != to) slot = (slot + 1) & mask;
            if (d == End)
            {
                d = destinations++;
                table[slot] = d;
                slots[d] = slot;
                heads[d] = i;
            }
            else
            {
                links[tails[d]] = i;
            }

            tails[d] = i;
        }
    }

    static int Hash(NetAddress a)
    {
        var h = (a.High ^ (a.Low * 0x9E3779B97F4A7C15UL)) + (((ulong)(uint)a.Connection << 16) | a.Port);
        h *= 0xD6E8FEB86659FD93UL;
        return (int)(h >> 32);
    }
}
