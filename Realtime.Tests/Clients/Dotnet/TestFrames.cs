using System.Buffers.Binary;
using Realtime.Client.Media;

namespace Realtime.Tests.Clients.Dotnet;

/// <summary>Frames whose first bytes are what servers look at, and whose rest is random: nothing decodes them, everything carries them.</summary>
static class TestFrames
{
    public static readonly TimeSpan AudioEvery = TimeSpan.FromMilliseconds(20);
    public static readonly TimeSpan VideoEvery = TimeSpan.FromMilliseconds(40);

    public static EncodedFrame Opus(Random random, int number)
    {
        var data = new byte[random.Next(10, 200)];
        random.NextBytes(data);
        BinaryPrimitives.WriteInt32BigEndian(data, number);
        return new EncodedFrame(data, AudioEvery * number);
    }

    /// <param name="isKeyFrame">Then it names its size (RFC 6386 §9.1).</param>
    public static EncodedFrame Vp8(Random random, int number, bool isKeyFrame)
    {
        var data = new byte[isKeyFrame ? random.Next(5000, 12_000) : random.Next(100, 4000)];
        random.NextBytes(data);
        data[0] = (byte)(isKeyFrame ? 0x10 : 0x11);
        if (isKeyFrame)
            ((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01]).CopyTo(data.AsSpan(3));
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(10), number);
        return new EncodedFrame(data, VideoEvery * number) { IsKeyFrame = isKeyFrame };
    }
}
