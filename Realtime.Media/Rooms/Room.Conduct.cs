using System.Text.Json;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Sdp;

namespace Realtime.Media.Rooms;

/// <summary>What people and moderators set: who is muted and who may end that, what everybody wants to see, the room's own settings.</summary>
public sealed partial class Room
{
    /// <summary>People silenced at once; beyond it a moderator's mute cannot be locked.</summary>
    public const int MaxSilenced = 1000;

    readonly HashSet<SilencedUser> silenced = [];

    public RoomSettings Settings { get; private set; } = new();

    public int MaxPeers => Math.Min(Settings.MaxPeers ?? RoomSettings.MostPeers, RoomSettings.MostPeers);

    /// <summary>Whose tracks of a kind stay muted, whichever they are.</summary>
    public IReadOnlyCollection<SilencedUser> Silenced => silenced;

    /// <summary>As the room was where it lived before, or as it is configured; when it is opened.</summary>
    public void Begin(RoomSettings? settings, IReadOnlyList<SilencedUser>? quiet)
    {
        Settings = settings ?? new RoomSettings();
        binder.LastN = Settings.LastN;
        foreach (var one in (quiet ?? []).Take(MaxSilenced)) silenced.Add(one);
    }

    /// <summary>What is absent in <paramref name="change"/> stays. Who is beyond a smaller limit stays too; nobody else comes in.</summary>
    public void Change(Instant now, RoomSettings change)
    {
        Settings = Settings.With(change);
        Events.Enqueue(new RoomUpdatedEvent(Name, Epoch, Settings));
        if (binder.LastN == Settings.LastN) return;
        binder.LastN = Settings.LastN;
        FillAll(now);
        TellDemands(now);
    }

    public void SetMetadata(Participant participant, JsonElement? metadata)
    {
        participant.Info = participant.Info with { Metadata = metadata };
        Events.Enqueue(new PeerUpdatedEvent(Name, Epoch, participant.Info));
    }

    /// <summary>What the participant wants to see, from now on; no negotiation follows, unless it has too few sections.</summary>
    public void SetView(Instant now, Participant participant, ParticipantView view)
    {
        participant.View = view;
        binder.Fill(now, participant, publications);
        TellDemands(now);
    }

    /// <summary>By who publishes it. An error when there is no such track of theirs, or a moderator has locked it.</summary>
    public RealtimeError? SetMuted(Instant now, Participant participant, string track, bool muted)
    {
        if (publications.Find(each => each.Publisher == participant && each.Track == track) is not { } publication) return NoSuchTrack;
        if (!publication.Mute.TryPublisher(muted, out var mute))
        {
            publication.Mute = mute;
            return new RealtimeError(ErrorCode.Forbidden, "A moderator has muted it.", Field: "track");
        }

        Apply(now, publication, mute);
        return null;
    }

    /// <summary>By a moderator. Locked, it holds for whatever else this user publishes of the kind, too.</summary>
    public RealtimeError? Moderate(Instant now, Participant publisher, string track, bool muted, bool? locked)
    {
        if (publications.Find(each => each.Publisher == publisher && each.Track == track) is not { } publication) return NoSuchTrack;
        var isLocked = muted && (locked ?? Settings.SelfUnmute == false);
        var one = Key(publisher, publication.Kind);
        if (!isLocked) silenced.Remove(one);
        else if (silenced.Count >= MaxSilenced && !silenced.Contains(one)) return new RealtimeError(ErrorCode.Conflict, $"{MaxSilenced} people are silenced already.", Field: "locked");
        else silenced.Add(one);
        Apply(now, publication, publication.Mute.Moderated(muted, isLocked));
        // The same voice by another device or another track of the kind.
        foreach (var other in publications.Where(each => each != publication && Key(each.Publisher, each.Kind) == one && (isLocked || each.Mute.IsLocked)).ToList())
            Apply(now, other, other.Mute.Moderated(isLocked, isLocked));
        return null;
    }

    static RealtimeError NoSuchTrack => new(ErrorCode.NotFound, "The participant publishes no such track.", Field: "track");

    static SilencedUser Key(Participant publisher, SectionKind kind) => new(publisher.Info.User, kind == SectionKind.Audio ? MediaKind.Audio : MediaKind.Video);

    MuteState FirstMute(Participant publisher, SectionKind kind) => silenced.Count > 0 && silenced.Contains(Key(publisher, kind)) ? default(MuteState).Moderated(true, true) : default;

    void Apply(Instant now, Publication publication, MuteState mute)
    {
        var before = publication.Mute;
        if (before == mute) return;
        publication.Mute = mute;
        muteChanges++;
        if (before.IsMuted != mute.IsMuted)
        {
            foreach (var subscription in publication.Subscriptions)
            {
                subscription.Stream.Start();
                table.Place(subscription);
                if (!mute.IsMuted) subscription.Stream.WishKeyframe(now);
            }

            if (mute.IsMuted && publication.Kind == SectionKind.Audio) publication.Publisher.Voice.Silence();
        }

        if (publication.Publisher.Relay is not null) return;
        bool? moderated = before.ByModerator || mute.ByModerator ? true : null;
        Events.Enqueue(new MutedEvent(Name, Epoch, publication.Publisher.Id, publication.Track, mute.IsMuted, moderated, mute.IsLocked ? true : null));
    }
}
