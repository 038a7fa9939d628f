using Realtime.Media.Sdp;

namespace Realtime.Media.Rooms;

/// <summary>
/// Which tracks of one kind a participant plays when it cannot, or does not want to, play all: what it pinned, then screens, then whoever spoke last, then whoever
/// is out longest. The order changes only when somebody begins to speak, so pictures do not jump about; and who takes a place takes that of the one who was silent
/// longest.
/// </summary>
static class LastN
{
    public const string Screen = "screen";

    /// <param name="publications">Of one kind, oldest first; the chosen ones stay, in order of importance.</param>
    /// <param name="most">Pinned tracks count, and are kept beyond it.</param>
    public static void Choose(List<Publication> publications, int most, ParticipantView view, IReadOnlyList<Participant> recentSpeakers)
    {
        if (publications.Count <= most) return;
        var ranked = publications
            .Select(publication => (Publication: publication, Pin: view.PlaceOf(publication)))
            .OrderBy(static one => one.Pin < 0)
            .ThenBy(static one => one.Pin)
            .ThenBy(static one => one.Publication is { Kind: SectionKind.Video, Source: Screen } ? 0 : 1)
            .ThenBy(one => PlaceOf(one.Publication.Publisher, recentSpeakers))
            .ToList();
        var keep = Math.Max(most, ranked.Count(static one => one.Pin >= 0));
        publications.Clear();
        publications.AddRange(ranked.Take(keep).Select(static one => one.Publication));
    }

    static int PlaceOf(Participant participant, IReadOnlyList<Participant> recent)
    {
        for (var i = 0; i < recent.Count; i++)
        {
            if (recent[i] == participant) return i;
        }

        return int.MaxValue;
    }
}
