using Realtime.Media.Core;

namespace Realtime.Media.Isolation;

/// <summary>What can be wrong with one peer's transport: the error types its circuit counts by.</summary>
public enum TransportFault
{
    /// <summary>SRTP or SRTCP that does not authenticate.</summary>
    Authentication,
    /// <summary>A handshake that failed.</summary>
    Dtls,
    /// <summary>What cannot be read.</summary>
    Malformed,
    /// <summary>An offer that was refused.</summary>
    Negotiation,
    /// <summary>It never connected.</summary>
    Unreachable,
    /// <summary>It sent more than it may, for seconds.</summary>
    Quota,
    /// <summary>Its part of our code threw.</summary>
    Exception,
    /// <summary>The client says so.</summary>
    Reported,
}

static class TransportFaults
{
    public static readonly string[] Names = [.. Enum.GetNames<TransportFault>().Select(static name => char.ToLowerInvariant(name[0]) + name[1..])];

    /// <summary>Of a datagram that came over a peer's path and went no further. False: nothing is wrong with it, or that is not known of the transport.</summary>
    public static bool TryOf(DropReason drop, out TransportFault fault)
    {
        (var isFault, fault) = drop switch
        {
            DropReason.BadAuthTag => (true, TransportFault.Authentication),
            DropReason.DtlsFailed => (true, TransportFault.Dtls),
            DropReason.Malformed or DropReason.TooShort => (true, TransportFault.Malformed),
            _ => (false, default),
        };
        return isFault;
    }
}
