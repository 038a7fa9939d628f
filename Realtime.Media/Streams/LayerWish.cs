namespace Realtime.Media.Streams;

/// <summary>What a subscriber asks of one track: no more than its picture can show. 0 is no limit.</summary>
/// <param name="MaxWidth">In pixels, as is the height; a picture turned on its side counts the same.</param>
/// <param name="Priority">Higher first, when not everything fits.</param>
/// <param name="Paused">Nobody sees or hears it: nothing is sent.</param>
/// <param name="Pinned">Before all that is not.</param>
public readonly record struct LayerWish(int MaxWidth = 0, int MaxHeight = 0, double MaxFps = 0, int Priority = 0, bool Paused = false, bool Pinned = false)
{
    /// <summary>A measured rate is never exact.</summary>
    const double FpsTolerance = 1.1;

    /// <summary>Of a client that has not asked: everything.</summary>
    public static readonly LayerWish Everything;

    /// <summary>Whether a picture of this size is within the limit; one of unknown size is.</summary>
    public bool Admits(int width, int height)
    {
        var (longer, shorter) = width > height ? (width, height) : (height, width);
        var (maxLonger, maxShorter) = Turned;
        return (maxLonger == 0 || longer <= maxLonger) && (maxShorter == 0 || shorter <= maxShorter);
    }

    public bool Admits(double framesPerSecond) => MaxFps <= 0 || framesPerSecond <= MaxFps * FpsTolerance;

    // One limit alone is meant for pictures that lie on their side, as nearly all do.
    (int Longer, int Shorter) Turned => MaxWidth >= MaxHeight || MaxWidth == 0 ? (MaxWidth, MaxHeight) : (MaxHeight, MaxWidth);
}
