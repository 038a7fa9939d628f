using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Rooms;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.People;

/// <summary>
/// Every ten seconds: participants that no session has any more leave their rooms, whoever failed to see to it (a replica that died between a session's last step and the
/// node's answer), and so do those in a copy of a room that has moved on. With the second look that it takes, such a ghost is gone after 20 s. Every replica looks; a leave said twice does no harm.
/// </summary>
public sealed class VoiceSweeper(NodeDirectory directory, LocalParticipants local, HubConnections connections, LeaveQueue leaves, VoiceStore store, IPlacementStore placements, Migrator migrator, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromSeconds(10), "people.voiceSweeper")
{
    readonly OrphanedVoices _orphans = new();

    protected override async Task TickAsync(CancellationToken stopping)
    {
        var present = directory.Voices();
        if (present.Count == 0 || !migrator.Done.IsCompleted)
        {
            _orphans.Reset();
            return;
        }
        try
        {
            var claimed = await store.ClaimedAsync([.. present.Where(static voice => voice.Via is null).Select(static voice => voice.Participant)], stopping);
            var epochs = await placements.EpochsAsync([.. present.Select(static voice => voice.Placement.Room).Distinct(StringComparer.Ordinal)], stopping);
            foreach (var orphan in _orphans.Look(present, claimed, epochs, IsHere))
            {
                // A join that outlived its connection.
                if (local.FindParticipant(orphan.Placement.Room, orphan.Participant) is { } left && !IsHere(orphan))
                    local.Remove(left);
                ActionLog.Record(Name, "orphan", room: orphan.Placement.Room, detail: orphan.Placement.Node);
                CleanedLeaks.Count("voices");
                leaves.Add(orphan.Placement, orphan.Participant, LeaveReason.SessionEnded);
            }
        }
        catch (RealtimeException)
        {
            // Without Postgres nobody knows who belongs to whom.
            _orphans.Reset();
        }
    }

    bool IsHere(OrphanedVoices.Voice voice) =>
        local.FindParticipant(voice.Placement.Room, voice.Participant) is { } participant && connections.Holder(participant.Session) is not null;
}
