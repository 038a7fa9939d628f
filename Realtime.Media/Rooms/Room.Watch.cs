using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Streams;

namespace Realtime.Media.Rooms;

/// <summary>What the room sees of its people as time goes by: who speaks, and how well they are connected.</summary>
public sealed partial class Room
{
    /// <summary>Speakers told at once.</summary>
    const int MaxSpeakers = 10;

    /// <summary>In larger rooms an event goes to many: speakers are told once a second.</summary>
    const int LargeRoom = 100;

    static readonly TimeSpan LargeRoomInterval = TimeSpan.FromSeconds(1);

    bool speakersChanged;
    Instant nextTelling = Instant.Zero;
    int orderShown;

    public ActiveSpeakers Speakers { get; } = new();

    public Instant NextDeadline => speakersChanged ? Instant.Min(Speakers.NextDeadline, nextTelling) : Speakers.NextDeadline;

    /// <summary>What concerns nobody in particular; cheap when nothing is due.</summary>
    public void Tick(Instant now)
    {
        if (now < NextDeadline) return;
        speakersChanged |= Speakers.Update(now);
        if (now < nextTelling) return;
        if (speakersChanged) TellSpeakers(now);
        if (orderShown == Speakers.Order) return;
        orderShown = Speakers.Order;
        foreach (var participant in participants.Values)
        {
            if (participant.IsLimited) binder.Fill(now, participant, publications);
        }

        TellDemands(now);
    }

    public IReadOnlyList<Speaker> SpeakingNow() =>
        [.. Speakers.Speaking(MaxSpeakers).Select(static one => new Speaker(one.Id, Math.Round(one.Voice.Loudness / AudioLevel.Silence, 2)))];

    void TellSpeakers(Instant now)
    {
        speakersChanged = false;
        nextTelling = participants.Count > LargeRoom ? now + LargeRoomInterval : now;
        Events.Enqueue(new SpeakersChangedEvent(Name, Epoch, SpeakingNow()));
    }

    void Listen(Instant now, Participant participant, in MediaPacket packet)
    {
        var id = packet.Extensions.IdOf(ExtensionKind.AudioLevel);
        if (id == 0 || !packet.Header.HasExtension || !packet.Header.Extensions(packet.Packet).TryFind(id, out var value) || !AudioLevel.TryRead(value, out var level)) return;
        Speakers.Heard(now, participant, level);
    }

    void FallSilent(Participant participant) => speakersChanged |= Speakers.Remove(participant);

    void Measure(Instant now, Participant participant)
    {
        if (!participant.Quality.IsDue(now)) return;
        if (participant.Quality.Look(now, participant.Peer, participant.Allocation.IsLimited)) Events.Enqueue(new QualityChangedEvent(Name, Epoch, participant.Id, participant.Quality.Current));
    }
}
