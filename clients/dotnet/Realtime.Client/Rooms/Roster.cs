using Realtime.Contracts;

namespace Realtime.Client.Rooms;

/// <summary>Who is in the room and what they publish. Every event can be taken twice. Not thread-safe: the room holds the lock.</summary>
sealed class Roster
{
    readonly Dictionary<string, ParticipantInfo> _participants = [];
    readonly Dictionary<string, TrackInfo> _tracks = [];

    public IReadOnlyList<ParticipantInfo> Participants => [.. _participants.Values];

    public IReadOnlyList<TrackInfo> Tracks => [.. _tracks.Values];

    public TrackInfo? Track(string id) => _tracks.GetValueOrDefault(id);

    public ParticipantInfo? Participant(string id) => _participants.GetValueOrDefault(id);

    /// <returns>Whether it is news.</returns>
    public bool Joined(ParticipantInfo participant)
    {
        var isNew = !_participants.ContainsKey(participant.Participant);
        _participants[participant.Participant] = participant;
        return isNew;
    }

    /// <returns>Null: nobody who is here.</returns>
    public ParticipantInfo? Left(string id)
    {
        foreach (var track in _tracks.Values.Where(track => track.Participant == id).ToList())
            _tracks.Remove(track.Track);
        return _participants.Remove(id, out var participant) ? participant : null;
    }

    /// <returns>Whether it is news.</returns>
    public bool Published(TrackInfo track)
    {
        var isNew = !_tracks.ContainsKey(track.Track);
        _tracks[track.Track] = track;
        return isNew;
    }

    public bool Unpublished(string track) => _tracks.Remove(track);

    public void Muted(TrackMutedEvent mute)
    {
        if (_tracks.TryGetValue(mute.Track, out var track))
            _tracks[mute.Track] = track with { Muted = mute.Muted };
    }

    /// <summary>The room as a join answered it.</summary>
    public (List<ParticipantInfo> Came, List<ParticipantInfo> Went) Replace(JoinRoomResult joined)
    {
        var now = joined.Participants.Select(static one => one.Participant).ToHashSet();
        List<ParticipantInfo> went = [.. _participants.Values.Where(one => !now.Contains(one.Participant))];
        List<ParticipantInfo> came = [.. joined.Participants.Where(one => !_participants.ContainsKey(one.Participant))];
        _participants.Clear();
        _tracks.Clear();
        foreach (var participant in joined.Participants)
            _participants[participant.Participant] = participant;
        foreach (var track in joined.Tracks)
            _tracks[track.Track] = track;
        return (came, went);
    }
}
