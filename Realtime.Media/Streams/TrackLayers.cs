using Realtime.Media.Core;

namespace Realtime.Media.Streams;

/// <summary>
/// The layers of one video track: which arrive, how large they are, what they cost. Spatial layers are the encodings of a simulcast, which stand alone, or those of
/// one scalable stream, which build on each other. Allocates nothing after construction.
/// </summary>
public sealed class TrackLayers(bool isSimulcast)
{
    /// <summary>A layer that misses what the others brought for so long has stopped.</summary>
    public static readonly TimeSpan StoppedAfter = TimeSpan.FromMilliseconds(300);

    static readonly TimeSpan Window = TimeSpan.FromMilliseconds(500);

    struct Spatial
    {
        public bool IsActive;
        public Instant LastArrival;
        public int Width;
        public int Height;
    }

    struct Meter
    {
        public long Bytes;
        public int Frames;
        public double BitsPerSecond;
        public double FramesPerSecond;
    }

    /// <summary>Of encodings that were never sent nobody knows the size; each is nearly always half the next one, in both directions.</summary>
    readonly bool isHalved = isSimulcast;
    readonly Spatial[] spatial = new Spatial[LayerId.MaxSpatial];
    readonly Meter[] meters = new Meter[LayerId.MaxSpatial * LayerId.MaxTemporal];
    Instant windowStart = Instant.Never;

    /// <summary>Spatial layers that ever arrived, or were announced.</summary>
    public int SpatialCount { get; private set; }

    public int TemporalCount { get; private set; } = 1;

    /// <summary>One layer more than the whole of it.</summary>
    public bool IsLayered => SpatialCount > 1 || TemporalCount > 1;

    /// <summary>Rises when layers start, stop, or are found to have another size.</summary>
    public int Version { get; private set; }

    /// <summary>An upper spatial layer is shown without those below it, but for key frames (L3T3_KEY): only the shown one counts.</summary>
    public bool StandsAlone { get; set; } = isSimulcast;

    /// <summary>The highest that arrives, in each direction; <see cref="LayerId.Paused"/> while none does.</summary>
    public LayerId Top => new(HighestActive(LayerId.MaxSpatial - 1), HighestActive(LayerId.MaxSpatial - 1) < 0 ? -1 : TemporalCount - 1);

    public bool IsActive(int layer) => layer >= 0 && layer < spatial.Length && spatial[layer].IsActive;

    /// <summary>The highest spatial layer that arrives, no higher than this one; -1 when none does.</summary>
    public int HighestActive(int atMost)
    {
        var layer = Math.Min(atMost, spatial.Length - 1);
        while (layer >= 0 && !spatial[layer].IsActive) layer--;
        return layer;
    }

    public int LowestActive()
    {
        var layer = 0;
        while (layer < spatial.Length && !spatial[layer].IsActive) layer++;
        return layer < spatial.Length ? layer : -1;
    }

    public LayerInfo this[LayerId layer] => this[layer.Spatial, layer.Temporal];

    /// <param name="layer">Spatial.</param>
    public LayerInfo this[int layer, int temporal]
    {
        get
        {
            if (layer < 0 || layer >= spatial.Length || temporal < 0) return default;
            var (bits, frames) = (0.0, 0.0);
            for (var s = StandsAlone ? layer : 0; s <= layer; s++)
            {
                for (var t = 0; t <= Math.Min(temporal, LayerId.MaxTemporal - 1); t++)
                {
                    ref readonly var meter = ref meters[(s * LayerId.MaxTemporal) + t];
                    bits += meter.BitsPerSecond;
                    if (s == layer) frames += meter.FramesPerSecond;
                }
            }

            var (width, height) = SizeOf(layer);
            return new LayerInfo(spatial[layer].IsActive, new Bitrate((long)bits), width, height, frames);
        }
    }

    /// <summary>The highest layer that a subscriber can use, whether or not it arrives; <see cref="LayerId.Paused"/> when it wants none.</summary>
    public LayerId Within(in LayerWish wish)
    {
        if (wish.Paused) return LayerId.Paused;
        var layer = Math.Max(SpatialCount - 1, 0);
        for (; layer > 0; layer--)
        {
            var (width, height) = SizeOf(layer);
            if (wish.Admits(width, height)) break;
        }

        // Layers of the same track have the same frame rates; the one that arrives knows them.
        var measured = IsActive(layer) ? layer : HighestActive(layer) is >= 0 and var lower ? lower : Math.Max(LowestActive(), 0);
        var temporal = LayerId.MaxTemporal - 1;
        while (temporal > 0 && !wish.Admits(this[measured, temporal].FramesPerSecond)) temporal--;
        return new LayerId(layer, temporal);
    }

    /// <summary>Layers the publisher has told of, arriving or not.</summary>
    public void Announce(int count) => SpatialCount = Math.Max(SpatialCount, Math.Min(count, LayerId.MaxSpatial));

    /// <summary>The places were exchanged: what arrives where is learnt anew.</summary>
    public void Clear()
    {
        Array.Clear(spatial);
        Array.Clear(meters);
        windowStart = Instant.Never;
        Version++;
    }

    /// <summary>The publisher's structure changed: layers above this number are no more.</summary>
    public void Limit(int count)
    {
        for (var layer = Math.Max(count, 1); layer < SpatialCount; layer++) spatial[layer] = default;
        if (count < SpatialCount) Version++;
        SpatialCount = Math.Clamp(count, 1, LayerId.MaxSpatial);
    }

    public void SetSize(int layer, int width, int height)
    {
        if (layer < 0 || layer >= spatial.Length || width <= 0 || height <= 0) return;
        ref var at = ref spatial[layer];
        if (at.Width == width && at.Height == height) return;
        (at.Width, at.Height) = (width, height);
        Version++;
    }

    /// <summary>One packet of a layer.</summary>
    public void Arrived(Instant now, int layer, int temporal, int bytes, bool endsFrame)
    {
        if (layer >= spatial.Length || temporal >= LayerId.MaxTemporal) return;
        ref var meter = ref meters[(layer * LayerId.MaxTemporal) + temporal];
        meter.Bytes += bytes;
        if (endsFrame) meter.Frames++;
        if (windowStart.IsNever) windowStart = now;
        if (now - windowStart >= Window) Measure(now);
        TemporalCount = Math.Max(TemporalCount, temporal + 1);
        Announce(layer + 1);
        ref var at = ref spatial[layer];
        if (!at.IsActive)
        {
            at.IsActive = true;
            Version++;
        }
        else if (at.LastArrival == now)
        {
            return;
        }
        else
        {
            StopSilent(layer, at.LastArrival);
        }

        at.LastArrival = now;
    }

    (int Width, int Height) SizeOf(int layer)
    {
        if (spatial[layer].Width > 0 || !isHalved) return (spatial[layer].Width, spatial[layer].Height);
        for (var above = layer + 1; above < SpatialCount; above++)
        {
            if (spatial[above].Width > 0) return (spatial[above].Width >> (above - layer), spatial[above].Height >> (above - layer));
        }

        for (var below = layer - 1; below >= 0; below--)
        {
            if (spatial[below].Width > 0) return (spatial[below].Width << (layer - below), spatial[below].Height << (layer - below));
        }

        return default;
    }

    /// <summary>What this layer kept bringing the others missed. The common pause of a bad network stops none: afterwards all go on.</summary>
    void StopSilent(int arrived, Instant until)
    {
        for (var other = 0; other < spatial.Length; other++)
        {
            ref var at = ref spatial[other];
            if (other == arrived || !at.IsActive || until - at.LastArrival < StoppedAfter) continue;
            at.IsActive = false;
            for (var t = 0; t < LayerId.MaxTemporal; t++) meters[(other * LayerId.MaxTemporal) + t] = default;
            Version++;
        }
    }

    void Measure(Instant now)
    {
        var seconds = (now - windowStart).TotalSeconds;
        foreach (ref var meter in meters.AsSpan())
        {
            meter.BitsPerSecond = meter.Bytes * 8 / seconds;
            meter.FramesPerSecond = meter.Frames / seconds;
            meter.Bytes = meter.Frames = 0;
        }

        windowStart = now;
    }
}
