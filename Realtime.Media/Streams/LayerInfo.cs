using Realtime.Media.Core;

namespace Realtime.Media.Streams;

/// <summary>What is known of one layer.</summary>
/// <param name="IsActive">It arrives: a layer its publisher pauses, or has no processor for, does not.</param>
/// <param name="Bitrate">Measured over the last half second, of this layer and all it builds on: what forwarding it costs. Zero before that.</param>
/// <param name="Width">Of an encoding that was never sent a guess by its siblings; 0 while nothing is known.</param>
/// <param name="FramesPerSecond">Measured likewise.</param>
public readonly record struct LayerInfo(bool IsActive, Bitrate Bitrate, int Width, int Height, double FramesPerSecond);
