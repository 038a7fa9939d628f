using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Realtime.Media.Core;

/// <summary>
/// The core's only source of randomness: SHA-256 over (key, counter), keyed from outside, by the operating system at the edge and
/// by the test's printed seed in a test. A cryptographic generator because ICE passwords come from it: seeing one must not foretell
/// the next. For ids, SSRCs and jitter; never per packet. Not thread-safe: one per worker.
/// </summary>
public sealed class Entropy
{
    const int BlockSize = SHA256.HashSizeInBytes;
    readonly byte[] keyAndCounter = new byte[BlockSize + sizeof(ulong)];
    readonly byte[] block = new byte[BlockSize];
    ulong counter;
    int unread;

    /// <param name="key">32 random bytes.</param>
    public Entropy(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, BlockSize);
        key.CopyTo(keyAndCounter);
    }

    /// <summary>For tests: everything follows from one number.</summary>
    public Entropy(ulong seed)
    {
        BinaryPrimitives.WriteUInt64BigEndian(keyAndCounter, seed);
    }

    public void Fill(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (unread == 0)
            {
                BinaryPrimitives.WriteUInt64BigEndian(keyAndCounter.AsSpan(BlockSize), counter++);
                SHA256.HashData(keyAndCounter, block);
                unread = BlockSize;
            }

            var n = Math.Min(unread, bytes.Length);
            block.AsSpan(BlockSize - unread, n).CopyTo(bytes);
            unread -= n;
            bytes = bytes[n..];
        }
    }

    public ulong NextUInt64()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    public uint NextUInt32() => (uint)NextUInt64();

    public ushort NextUInt16() => (ushort)NextUInt64();

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, exclusiveMax).</summary>
    public int NextInt32(int exclusiveMax) => (int)(NextDouble() * exclusiveMax);
}
