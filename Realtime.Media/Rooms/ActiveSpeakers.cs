using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Rooms;

/// <summary>
/// Who speaks in a room, who of them leads, and in which order people spoke last: what last-N shows and the allocator prefers. Fed with the audio level of each
/// packet, looked at every <see cref="Interval"/>. Bounded by the people who publish. Allocates only when the order of speakers grows.
/// </summary>
public sealed class ActiveSpeakers
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    /// <summary>Who is to take the lead is louder by this many dB …</summary>
    const double LeadsBy = 6;

    /// <summary>… at so many looks in a row.</summary>
    const int LooksToLead = 3;

    /// <summary>Quieter packets (−67 dBov) wake nobody up.</summary>
    const int Audible = 60;

    readonly List<Participant> heard = [];
    readonly List<Participant> recent = [];
    Participant? challenger;
    int looksWon;

    /// <summary>The loudest, with hysteresis; null while nobody speaks.</summary>
    public Participant? Leader { get; private set; }

    /// <summary>Everybody who ever spoke here and is still here, whoever began last first.</summary>
    public IReadOnlyList<Participant> Recent => recent;

    /// <summary>Rises whenever <see cref="Recent"/> changes.</summary>
    public int Order { get; private set; }

    public Instant NextDeadline { get; private set; } = Instant.Never;

    /// <summary>Those who speak now, whoever leads first; at most <paramref name="most"/>.</summary>
    public List<Participant> Speaking(int most) =>
        [.. heard.Where(static one => one.Voice.IsSpeaking).OrderByDescending(one => one == Leader).ThenByDescending(static one => one.Voice.Loudness).Take(most)];

    /// <summary>One audio packet.</summary>
    public void Heard(Instant now, Participant who, AudioLevel level)
    {
        who.Voice.Heard(now, level);
        if (who.IsHeard || AudioLevel.Silence - level.MinusDbov < Audible) return;
        who.IsHeard = true;
        heard.Add(who);
        if (NextDeadline.IsNever) NextDeadline = now + Interval;
    }

    /// <summary>True: who speaks or who leads has changed.</summary>
    public bool Update(Instant now)
    {
        if (now < NextDeadline) return false;
        var changed = false;
        for (var i = heard.Count - 1; i >= 0; i--)
        {
            var one = heard[i];
            if (one.Voice.Update(now))
            {
                changed = true;
                if (one.Voice.IsSpeaking) Began(one);
            }

            if (one.Voice.IsSpeaking || one.Voice.Loudness > 0) continue;
            one.IsHeard = false;
            heard.RemoveAt(i);
        }

        changed |= ChooseLeader();
        NextDeadline = heard.Count > 0 ? now + Interval : Instant.Never;
        return changed;
    }

    /// <summary>It left, or publishes no more sound. True: it was among those who speak.</summary>
    public bool Remove(Participant who)
    {
        var spoke = who.Voice.IsSpeaking;
        who.Voice.Silence();
        who.IsHeard = false;
        heard.Remove(who);
        if (recent.Remove(who)) Order++;
        if (challenger == who) challenger = null;
        if (Leader == who) Leader = null;
        return spoke;
    }

    void Began(Participant who)
    {
        if (recent.Count > 0 && recent[0] == who) return;
        recent.Remove(who);
        recent.Insert(0, who);
        Order++;
    }

    bool ChooseLeader()
    {
        Participant? loudest = null;
        foreach (var one in heard)
        {
            if (one.Voice.IsSpeaking && (loudest is null || one.Voice.Loudness > loudest.Voice.Loudness)) loudest = one;
        }

        if (loudest == Leader) return Keep();
        if (Leader is { Voice.IsSpeaking: true } leader && loudest is not null)
        {
            if (loudest.Voice.Loudness < leader.Voice.Loudness + LeadsBy) return Keep();
            (challenger, looksWon) = (loudest, challenger == loudest ? looksWon + 1 : 1);
            if (looksWon < LooksToLead) return false;
        }

        Leader = loudest;
        Keep();
        return true;
    }

    bool Keep()
    {
        (challenger, looksWon) = (null, 0);
        return false;
    }
}
