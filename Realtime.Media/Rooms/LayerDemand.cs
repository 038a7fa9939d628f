using Realtime.Media.Core;
using Realtime.Media.Sdp;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>
/// What of one track anybody needs, so that its publisher can leave the rest unencoded: encodings of a simulcast by name, of a single stream the largest picture.
/// What is needed is told at once; what is not needed any more after <see cref="Patience"/>, so that it is still there for who comes back.
/// </summary>
public sealed class LayerDemand
{
    /// <summary>Looked at with each report, every second and a half at the latest: over within five.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(2000);

    readonly Instant[] neededAt = new Instant[LayerId.MaxSpatial];
    Instant startedAt = Instant.Never;
    Instant largestAt;
    bool isTold;

    /// <summary>Encodings that are needed, by the bits of their places in the offer; the only stream is the first.</summary>
    public int Wanted { get; private set; }

    /// <summary>The largest picture that is needed of a single stream; 0 without limit.</summary>
    public (int Width, int Height) Largest { get; private set; }

    /// <summary>True when the publisher is to be told what it says now.</summary>
    public bool TryChange(Instant now, Publication publication)
    {
        if (publication.Kind != SectionKind.Video) return false;
        if (startedAt.IsNever) startedAt = now;
        var needed = Needed(publication, out var largest);
        // Before anybody came, whoever comes first decides.
        if (!isTold && needed == 0 && now - startedAt < Patience) return false;

        var wanted = needed;
        foreach (var encoding in publication.Media.Encodings)
        {
            var bit = 1 << encoding.Index;
            if ((needed & bit) != 0) neededAt[encoding.Index] = now;
            else if (isTold && now - neededAt[encoding.Index] < Patience) wanted |= Wanted & bit;
        }

        if (needed == 0 || (isTold && IsWithin(largest, Largest) && largest != Largest && now - largestAt < Patience)) largest = Largest;
        else largestAt = now;
        if (isTold && wanted == Wanted && largest == Largest) return false;
        (isTold, Wanted, Largest) = (true, wanted, largest);
        return true;
    }

    static int Needed(Publication publication, out (int Width, int Height) size)
    {
        var (needed, unlimited) = (0, publication.Media.IsSimulcast);
        size = default;
        foreach (var subscription in publication.Subscriptions)
        {
            if (subscription.Wanted.IsPaused) continue;
            needed |= 1 << publication.Media.Carrier(subscription.Wanted.Spatial).Index;
            // What it gets until the wanted one comes.
            if (!subscription.Stream.Current.IsPaused) needed |= subscription.Stream.Listens;
            var wish = subscription.Wish;
            unlimited |= wish.MaxWidth == 0 || wish.MaxHeight == 0;
            size = (Math.Max(size.Width, wish.MaxWidth), Math.Max(size.Height, wish.MaxHeight));
        }

        if (unlimited) size = default;
        return needed;
    }

    /// <summary>Whether pictures of the one limit keep to the other.</summary>
    static bool IsWithin((int Width, int Height) inner, (int Width, int Height) outer) =>
        outer == default || (inner != default && inner.Width <= outer.Width && inner.Height <= outer.Height);
}
