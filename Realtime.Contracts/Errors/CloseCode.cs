namespace Realtime.Contracts;

/// <summary>Why a connection is closed. 3000–3099: reconnect. 3500–3599: do not, or only after <c>afterMs</c>.</summary>
public enum CloseCode
{
    Shutdown = 3000,
    Drain = 3001,
    Slow = 3002,
    NoPong = 3003,
    Expired = 3004,
    Overloaded = 3005,
    Revoked = 3500,
    Banned = 3501,
    Quarantined = 3502,
    BadProtocol = 3503,
}
