using Realtime.Media.Sdp;

namespace Realtime.Media.Rooms;

/// <summary>
/// Whose tracks a participant plays: everyone's, or one publisher's. The publisher is chosen anew whenever tracks come or go, by age alone, so a viewer
/// stays with whom it watches until that one ends.
/// </summary>
public sealed class Selection
{
    public static readonly Selection Everyone = new(isEveryone: true, null);

    /// <summary>Whose video is out longest; while there is none, whose audio.</summary>
    public static readonly Selection Programme = new(isEveryone: false, null);

    readonly string? name;

    Selection(bool isEveryone, string? name)
    {
        IsEveryone = isEveryone;
        this.name = name;
    }

    public bool IsEveryone { get; }

    /// <summary>This participant, or this user: of a user's several presences the one <see cref="Programme"/> would choose.</summary>
    public static Selection Of(string name) => new(isEveryone: false, name);

    /// <summary>Null: nobody publishes yet.</summary>
    /// <param name="publications">Oldest first.</param>
    public string? Choose(IReadOnlyList<Publication> publications)
    {
        Publication? audio = null;
        foreach (var publication in publications)
        {
            if (name is not null && publication.PublisherId != name && publication.Publisher.Info.User != name) continue;
            if (publication.Kind == SectionKind.Video) return publication.PublisherId;
            audio ??= publication;
        }

        return audio?.PublisherId;
    }
}
