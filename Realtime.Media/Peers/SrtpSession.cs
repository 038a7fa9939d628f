using Realtime.Media.Dtls;
using Realtime.Media.Srtp;

namespace Realtime.Media.Peers;

/// <summary>The four transforms of one peer under the keys that DTLS agreed on.</summary>
sealed class SrtpSession : IDisposable
{
    SrtpSession(SrtpProfile profile, DtlsSrtpKeys keys)
    {
        Profile = profile;
        Sender = new SrtpSender(profile, keys.SendKey, keys.SendSalt);
        Receiver = new SrtpReceiver(profile, keys.ReceiveKey, keys.ReceiveSalt);
        ControlSender = new SrtcpSender(profile, keys.SendKey, keys.SendSalt);
        ControlReceiver = new SrtcpReceiver(profile, keys.ReceiveKey, keys.ReceiveSalt);
    }

    public SrtpProfile Profile { get; }

    public SrtpSender Sender { get; }

    public SrtpReceiver Receiver { get; }

    public SrtcpSender ControlSender { get; }

    public SrtcpReceiver ControlReceiver { get; }

    /// <summary>Null for a profile not spoken here. Wipes the keys.</summary>
    public static SrtpSession? Create(DtlsSrtpKeys keys)
    {
        using (keys)
        {
            return SrtpProfiles.TryFromId(keys.ProfileId, out var profile) ? new SrtpSession(profile, keys) : null;
        }
    }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
        ControlSender.Dispose();
        ControlReceiver.Dispose();
    }
}
