using Realtime.Media.Dtls;
using Realtime.Media.Srtp;

namespace Realtime.Client.Media;

/// <summary>The four transforms of a connection under the keys that DTLS agreed on.</summary>
sealed class SrtpKeys : IDisposable
{
    SrtpKeys(SrtpProfile profile, DtlsSrtpKeys keys)
    {
        Sender = new SrtpSender(profile, keys.SendKey, keys.SendSalt);
        Receiver = new SrtpReceiver(profile, keys.ReceiveKey, keys.ReceiveSalt);
        ControlSender = new SrtcpSender(profile, keys.SendKey, keys.SendSalt);
        ControlReceiver = new SrtcpReceiver(profile, keys.ReceiveKey, keys.ReceiveSalt);
    }

    public SrtpSender Sender { get; }

    public SrtpReceiver Receiver { get; }

    public SrtcpSender ControlSender { get; }

    public SrtcpReceiver ControlReceiver { get; }

    /// <summary>Null for a profile not spoken here. Wipes the agreed keys.</summary>
    public static SrtpKeys? Create(DtlsSrtpKeys keys)
    {
        using (keys)
            return SrtpProfiles.TryFromId(keys.ProfileId, out var profile) ? new SrtpKeys(profile, keys) : null;
    }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
        ControlSender.Dispose();
        ControlReceiver.Dispose();
    }
}
