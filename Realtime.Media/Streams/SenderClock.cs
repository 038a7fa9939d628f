using Realtime.Media.Core;
using Realtime.Media.Rtcp;

namespace Realtime.Media.Streams;

/// <summary>
/// Translates one publisher's NTP times into ours: the same shift for all its streams, fixed at its first report, so that what it says
/// about audio and video belonging together stays true (lip-sync) while all publishers appear on one clock.
/// </summary>
public sealed class SenderClock
{
    ulong shift;
    bool known;

    public NtpTime ToOurs(NtpTime theirs, Instant now)
    {
        if (!known)
        {
            known = true;
            shift = NtpTime.At(now).Value - theirs.Value;
        }

        return new NtpTime(theirs.Value + shift);
    }
}
