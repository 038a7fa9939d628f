namespace Realtime.Client.Media;

/// <summary>One encoded frame: an Opus packet, or a VP8 picture.</summary>
/// <param name="Data">As the encoder made it, and as the decoder wants it.</param>
/// <param name="Timestamp">When it is to be played, counted from the track's first frame.</param>
public sealed record EncodedFrame(ReadOnlyMemory<byte> Data, TimeSpan Timestamp)
{
    /// <summary>A decoder can begin with it: any Opus packet, a key frame of VP8.</summary>
    public bool IsKeyFrame { get; init; } = true;

    /// <summary>Of audio, how loud it is in −dBov: 0 the loudest, 127 silence; null: not said. It decides who counts as speaking.</summary>
    public byte? Level { get; init; }
}
