using System.Buffers.Binary;
using Realtime.Client.Media;
using Realtime.Contracts;

namespace Realtime.Tests.Clients.Dotnet;

/// <summary>Frames whose first bytes are what servers look at, and whose rest is random: nothing decodes them, everything carries them.</summary>
static class TestFrames
{
    public static readonly TimeSpan AudioEvery = TimeSpan.FromMilliseconds(20);
    public static readonly TimeSpan VideoEvery = TimeSpan.FromMilliseconds(40);

    /// <summary>Behind what a key frame says of itself.</summary>
    const int VideoNumberAt = 10;

    /// <summary>Which one it was.</summary>
    public static int NumberOf(MediaKind kind, EncodedFrame frame) => BinaryPrimitives.ReadInt32BigEndian(frame.Data.Span[(kind == MediaKind.Video ? VideoNumberAt : 0)..]);

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
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(VideoNumberAt), number);
        return new EncodedFrame(data, VideoEvery * number) { IsKeyFrame = isKeyFrame };
    }
}
