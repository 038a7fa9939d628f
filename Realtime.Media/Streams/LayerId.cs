namespace Realtime.Media.Streams;

/// <summary>
/// A layer of a track, by place: spatial (of a simulcast its encodings, the smallest picture first) and temporal (0: the fewest frames). It stands for all that must
/// be forwarded to show it: itself and what it builds on.
/// </summary>
public readonly record struct LayerId(int Spatial, int Temporal)
{
    public const int MaxSpatial = 4;
    public const int MaxTemporal = 4;

    /// <summary>Nothing at all.</summary>
    public static readonly LayerId Paused = new(-1, -1);

    /// <summary>As much as there is.</summary>
    public static readonly LayerId Best = new(MaxSpatial - 1, MaxTemporal - 1);

    public bool IsPaused => Spatial < 0;

    /// <summary>No more than either allows.</summary>
    public LayerId AtMost(LayerId other) =>
        IsPaused || other.IsPaused ? Paused : new LayerId(Math.Min(Spatial, other.Spatial), Math.Min(Temporal, other.Temporal));
}
