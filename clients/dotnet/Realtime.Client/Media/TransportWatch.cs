using Realtime.Media.Core;

namespace Realtime.Client.Media;

/// <summary>What is to be done about a transport.</summary>
enum TransportVerdict
{
    /// <summary>Nothing new.</summary>
    Fine,
    Connected,
    /// <summary>Media has stopped: offer with new ICE credentials.</summary>
    Interrupted,
    /// <summary>That did not help: join again.</summary>
    Lost,
}

/// <summary>Follows a transport: a silence restarts ICE, and when that does not help it is lost. Takes the time as an argument.</summary>
sealed class TransportWatch(Instant now)
{
    /// <summary>The first connection may take a while: negotiation and handshake included.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(15);

    public static readonly TimeSpan Restart = TimeSpan.FromSeconds(8);

    Instant _deadline = now + First;
    bool _connected;
    bool _restarting;
    bool _lost;

    public TransportVerdict Look(Instant now, bool isConnected, bool hasEnded)
    {
        if (_lost)
            return TransportVerdict.Fine;
        if (hasEnded)
            return Lose();
        if (isConnected)
        {
            var isNew = !_connected;
            (_connected, _restarting, _deadline) = (true, false, Instant.Never);
            return isNew ? TransportVerdict.Connected : TransportVerdict.Fine;
        }
        var isLostNow = _connected;
        _connected = false;
        if (!isLostNow && now < _deadline)
            return TransportVerdict.Fine;
        if (_restarting)
            return Lose();
        (_restarting, _deadline) = (true, now + Restart);
        return TransportVerdict.Interrupted;
    }

    TransportVerdict Lose()
    {
        _lost = true;
        return TransportVerdict.Lost;
    }
}
