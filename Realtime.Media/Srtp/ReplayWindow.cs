using System.Runtime.CompilerServices;

namespace Realtime.Media.Srtp;

/// <summary>
/// Which of the latest packet indices have been used (RFC 3711 §3.3.2), as a ring of 64-bit blocks (RFC 6479): moving forward clears
/// whole blocks instead of shifting bits.
/// </summary>
struct ReplayWindow
{
    const int Blocks = 16;

    /// <summary>At least this many indices up to the highest one are told apart; older ones are refused. 960 packets are a second of 10 Mbit/s video,
    /// more than a retransmission under the same sequence number may lag.</summary>
    public const int Size = (Blocks - 1) * 64;

    [InlineArray(Blocks)]
    struct Ring
    {
        ulong first;
    }

    Ring bits;
    long highest;
    bool started;

    /// <summary>Neither seen nor too old. Changes nothing: ask before authenticating, <see cref="Accept"/> after.</summary>
    public readonly bool IsFresh(long index)
    {
        if (index < 0) return false;
        if (!started || index > highest) return true;
        if (highest - index >= Size) return false;
        return (bits[BlockOf(index)] & BitOf(index)) == 0;
    }

    /// <param name="index">Fresh.</param>
    public void Accept(long index)
    {
        if (!started || index > highest)
        {
            var from = started ? highest >> 6 : (index >> 6) - Blocks;
            var to = index >> 6;
            for (var block = Math.Max(from + 1, to - Blocks + 1); block <= to; block++) bits[(int)(block & (Blocks - 1))] = 0;
            highest = index;
            started = true;
        }

        bits[BlockOf(index)] |= BitOf(index);
    }

    static int BlockOf(long index) => (int)(index >> 6) & (Blocks - 1);

    static ulong BitOf(long index) => 1UL << (int)(index & 63);
}
