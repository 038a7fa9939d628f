using Realtime.Media.Dtls;
using Realtime.Media.Relay;
using Realtime.Media.Srtp;

namespace Realtime.Media.Peers;

/// <summary>The four transforms of one peer under the keys that DTLS agreed on.</summary>
sealed class SrtpSession : IDisposable
{
    SrtpSession(SrtpProfile profile, ReadOnlySpan<byte> sendKey, ReadOnlySpan<byte> sendSalt, ReadOnlySpan<byte> receiveKey, ReadOnlySpan<byte> receiveSalt)
    {
        Profile = profile;
        Sender = new SrtpSender(profile, sendKey, sendSalt);
        Receiver = new SrtpReceiver(profile, receiveKey, receiveSalt);
        ControlSender = new SrtcpSender(profile, sendKey, sendSalt);
        ControlReceiver = new SrtcpReceiver(profile, receiveKey, receiveSalt);
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
            return SrtpProfiles.TryFromId(keys.ProfileId, out var profile) ? new SrtpSession(profile, keys.SendKey, keys.SendSalt, keys.ReceiveKey, keys.ReceiveSalt) : null;
        }
    }

    /// <summary>Under keys that were agreed upon elsewhere.</summary>
    public static SrtpSession Create(in RelayKeys keys, bool dials) => new(RelayKeys.Profile, keys.Key(dials), keys.Salt(dials), keys.Key(!dials), keys.Salt(!dials));

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
        ControlSender.Dispose();
        ControlReceiver.Dispose();
    }
}
