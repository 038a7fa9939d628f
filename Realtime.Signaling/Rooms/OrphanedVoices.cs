namespace Realtime.Signaling.Rooms;

/// <summary>
/// Finds participants that nobody answers for: no session has them in its row, or their copy of the room has been superseded by one with a higher epoch. What is on its way (a
/// join not written yet, a room just moving) looks the same for a moment, so only who is found by two looks in a row counts. Not thread-safe.
/// </summary>
public sealed class OrphanedVoices
{
    HashSet<Voice> _suspects = [];

    /// <param name="Via">Null: by the hub, so a session has it. Others (WHIP, WHEP) belong to their transport.</param>
    public readonly record struct Voice(Placement Placement, string Participant, string? Via);

    /// <param name="present">What the nodes have.</param>
    /// <param name="claimed">The participants in the rows of sessions.</param>
    /// <param name="epochs">Room → its placement's epoch now.</param>
    /// <param name="isHere">Whether a session of this replica has the participant.</param>
    public IReadOnlyList<Voice> Look(IEnumerable<Voice> present, IReadOnlySet<string> claimed, IReadOnlyDictionary<string, long> epochs, Func<Voice, bool> isHere)
    {
        var suspects = new HashSet<Voice>();
        foreach (var voice in present)
        {
            var superseded = epochs.TryGetValue(voice.Placement.Room, out var epoch) && epoch > voice.Placement.Epoch;
            if (superseded || (voice.Via is null && !claimed.Contains(voice.Participant) && !isHere(voice)))
                suspects.Add(voice);
        }
        Voice[] orphans = [.. suspects.Where(_suspects.Contains)];
        _suspects = suspects;
        return orphans;
    }

    /// <summary>The next look is the first again: between the last and it there was no looking.</summary>
    public void Reset() => _suspects = [];
}
