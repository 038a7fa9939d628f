using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Media.Rooms;

/// <summary>
/// How loud one participant is, smoothed over the audio levels of its packets (RFC 6464), and whether that is speech: on above one threshold, off
/// only after it has been below a lower one for a while. Rises within three or four packets, falls by time, so that the packets of a second, silent
/// track of the same person change nothing. Allocates nothing.
/// </summary>
public sealed class VoiceActivity
{
    /// <summary>−45 dBov, of 127: a quiet voice at a usual microphone.</summary>
    const double SpeechStarts = 82;

    /// <summary>−55 dBov.</summary>
    const double SpeechEnds = 72;

    /// <summary>Of the way to a louder packet.</summary>
    const double Attack = 0.35;

    /// <summary>In dB per second, without louder packets.</summary>
    const double Release = 60;

    /// <summary>Pauses between words are shorter.</summary>
    static readonly TimeSpan Holds = TimeSpan.FromMilliseconds(600);

    double loudness;
    Instant heardAt = Instant.Zero;
    Instant loudAt = Instant.Zero;

    public bool IsSpeaking { get; private set; }

    /// <summary>When it spoke last; <see cref="Instant.Zero"/>: never.</summary>
    public Instant SpokeAt => loudAt;

    /// <summary>0 is silence, 127 as loud as it gets; as of the last packet.</summary>
    public double Loudness => loudness;

    public void Heard(Instant now, AudioLevel level)
    {
        Fade(now);
        var sample = AudioLevel.Silence - level.MinusDbov;
        if (sample > loudness) loudness += (sample - loudness) * Attack;
    }

    /// <summary>Muted, or its tracks are gone: not by and by.</summary>
    public void Silence()
    {
        loudness = 0;
        IsSpeaking = false;
    }

    /// <summary>Looks again. True when it began or ceased to speak.</summary>
    public bool Update(Instant now)
    {
        Fade(now);
        if (loudness >= (IsSpeaking ? SpeechEnds : SpeechStarts)) loudAt = now;
        var speaks = IsSpeaking ? now - loudAt < Holds : loudness >= SpeechStarts;
        if (speaks == IsSpeaking) return false;
        IsSpeaking = speaks;
        return true;
    }

    void Fade(Instant now)
    {
        if (now <= heardAt) return;
        loudness = Math.Max(0, loudness - ((now - heardAt).TotalSeconds * Release));
        heardAt = now;
    }
}
