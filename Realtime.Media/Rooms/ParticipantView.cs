namespace Realtime.Media.Rooms;

/// <summary>What one participant wants to see of the others: how many videos at most, and whose in any case. Immutable.</summary>
/// <param name="LastN">Null: as many as its room allows.</param>
/// <param name="Pinned">Participants or tracks, the most important first; at most <see cref="MaxPinned"/>.</param>
public sealed record ParticipantView(int? LastN, IReadOnlyList<string> Pinned)
{
    public const int MaxPinned = 16;

    public static readonly ParticipantView Default = new(null, []);

    /// <summary>Whether this track is to be shown whoever speaks. The allocator serves such tracks first.</summary>
    public bool Pins(Publication publication) => PlaceOf(publication) >= 0;

    /// <summary>Its place among the pinned, −1 when it is none.</summary>
    public int PlaceOf(Publication publication)
    {
        for (var i = 0; i < Pinned.Count; i++)
        {
            if (Pinned[i] == publication.Track || Pinned[i] == publication.PublisherId) return i;
        }

        return -1;
    }
}
