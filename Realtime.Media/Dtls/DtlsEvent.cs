namespace Realtime.Media.Dtls;

public enum DtlsEventKind
{
    /// <summary>The handshake is done, the fingerprint matched: here are the keys.</summary>
    Connected,
    Failed,

    /// <summary>The other side ended the connection with an authentic close_notify or fatal alert.</summary>
    Closed,
}

public enum DtlsFailure
{
    None,

    /// <summary>Not done within 30 s.</summary>
    Timeout,

    /// <summary>OpenSSL refused, or the other side sent a fatal alert; see the detail.</summary>
    Protocol,

    /// <summary>The certificate is not the one the SDP announced.</summary>
    FingerprintMismatch,

    /// <summary>No SRTP profile in common.</summary>
    NoSrtpProfile,

    /// <summary>More datagrams than any handshake needs.</summary>
    TooManyDatagrams,
}

/// <param name="Keys">Of <see cref="DtlsEventKind.Connected"/>: the taker disposes them.</param>
/// <param name="Detail">OpenSSL's reason, for the log.</param>
public readonly record struct DtlsEvent(DtlsEventKind Kind, DtlsSrtpKeys? Keys = null, DtlsFailure Failure = DtlsFailure.None, string? Detail = null);
