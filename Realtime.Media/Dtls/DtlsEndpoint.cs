using System.Security.Cryptography;
using Realtime.Media.Core;

namespace Realtime.Media.Dtls;

/// <summary>
/// One DTLS 1.2 connection that exists to agree on SRTP keys (RFC 5764). The SSL lives only during the handshake; afterwards the last
/// flight is still repeated to a peer that missed it, and close_notify is heard and said. Sans-IO: own timers, no clock.
/// </summary>
public abstract class DtlsEndpoint : IDisposable
{
    static readonly TimeSpan HandshakeLifetime = TimeSpan.FromSeconds(30);

    /// <summary>RFC 6347 §4.2.4.1; doubles with each retransmission …</summary>
    static readonly TimeSpan FirstRetransmission = TimeSpan.FromSeconds(1);

    /// <summary>… up to this: somebody waits for a picture, and at 20 % loss a timer that doubles on lets one handshake in a hundred miss its 30 s.</summary>
    static readonly TimeSpan LongestRetransmission = TimeSpan.FromSeconds(2);

    /// <summary>A flight is repeated at once for a peer that repeats its own, but not more often than this: its repetition has several datagrams.</summary>
    static readonly TimeSpan RepeatInterval = TimeSpan.FromMilliseconds(40);

    /// <summary>A lossy handshake with a large, fragmented ClientHello takes about 60.</summary>
    const int MaxDatagrams = 300;

    readonly bool isServer;
    readonly DtlsFingerprint expectedRemote;
    readonly DtlsFlight flight = new();
    DtlsHandshake? handshake;
    AlertCipher? alerts;
    DtlsEvent? pending;
    NetAddress remote;
    Instant giveUpAt = Instant.Never;
    Instant retransmitAt = Instant.Never;
    Instant lastSent;
    TimeSpan retransmission = FirstRetransmission;
    int datagrams;

    private protected DtlsEndpoint(DtlsContext context, DtlsFingerprint expectedRemote, bool isServer)
    {
        this.isServer = isServer;
        this.expectedRemote = expectedRemote;
        handshake = new DtlsHandshake(context, isServer);
    }

    public bool IsConnected => alerts is not null;

    public Instant NextDeadline => handshake is null ? Instant.Never : Instant.Min(giveUpAt, retransmitAt);

    /// <summary>Begins the handshake's 30 s; a client's ClientHello goes into the outbox.</summary>
    /// <param name="to">Where to send until told otherwise.</param>
    public void Start(Instant now, in NetAddress to, Outbox outbox)
    {
        if (handshake is null || !giveUpAt.IsNever) return;
        remote = to;
        giveUpAt = now + HandshakeLifetime;
        if (!isServer) Advance(now, default, outbox);
    }

    /// <summary>ICE selected another path.</summary>
    public void SetRemote(in NetAddress to) => remote = to;

    /// <summary>One datagram from an address that ICE has validated; it is answered there.</summary>
    public DropReason Receive(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram, Outbox outbox)
    {
        if (!DtlsRecord.IsSane(datagram)) return DropReason.Malformed;
        if (alerts is not null) return ReceiveConnected(now, from, datagram, outbox);
        if (handshake is null) return DropReason.PeerClosed;
        if (giveUpAt.IsNever) return DropReason.NoKeys;
        remote = from;
        if (++datagrams > MaxDatagrams)
        {
            Fail(DtlsFailure.TooManyDatagrams, null);
            return DropReason.DtlsFailed;
        }

        if (isServer && !flight.IsEmpty && DtlsRecord.IsClientHello(datagram)) Repeat(now, outbox);
        Advance(now, datagram, outbox);
        return handshake is null && alerts is null ? DropReason.DtlsFailed : DropReason.None;
    }

    public void Tick(Instant now, Outbox outbox)
    {
        if (handshake is null) return;
        if (now >= giveUpAt)
        {
            Fail(DtlsFailure.Timeout, null);
            return;
        }

        if (now < retransmitAt) return;
        flight.Send(remote, outbox);
        retransmission = retransmission * 2 < LongestRetransmission ? retransmission * 2 : LongestRetransmission;
        retransmitAt = now + retransmission;
        lastSent = now;
    }

    /// <summary>At most one waits: nothing follows Failed or Closed, and Closed replaces a Connected that nobody took.</summary>
    public bool TryTakeEvent(out DtlsEvent e)
    {
        e = pending.GetValueOrDefault();
        var taken = pending is not null;
        pending = null;
        return taken;
    }

    /// <summary>Says close_notify when there is a connection, and ends it; no event follows.</summary>
    public void Close(Outbox outbox)
    {
        alerts?.SendCloseNotify(remote, outbox);
        Dispose();
    }

    public void Dispose()
    {
        EndHandshake();
        alerts?.Dispose();
        alerts = null;
        pending?.Keys?.Dispose();
        pending = null;
        GC.SuppressFinalize(this);
    }

    DropReason ReceiveConnected(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram, Outbox outbox)
    {
        if (alerts!.IsClosing(now, datagram))
        {
            Dispose();
            pending = new DtlsEvent(DtlsEventKind.Closed);
            return DropReason.None;
        }

        // The server speaks last: a client that still sends handshake records has missed the end.
        if (!isServer || !DtlsRecord.Contains(datagram, DtlsRecord.Handshake)) return DropReason.UnknownKind;
        if (++datagrams > MaxDatagrams) return DropReason.OverQuota;
        remote = from;
        Repeat(now, outbox);
        return DropReason.None;
    }

    void Advance(Instant now, ReadOnlySpan<byte> datagram, Outbox outbox)
    {
        var progress = handshake!.Advance(datagram);
        var error = progress == DtlsHandshake.Progress.Failed ? DtlsHandshake.TakeError() ?? "fatal alert" : null;
        if (progress == DtlsHandshake.Progress.Done && !TryFinish()) return;

        Span<byte> output = stackalloc byte[DtlsFlight.MaxSize];
        var written = handshake.ReadOutput(output);
        if (written > 0)
        {
            flight.Replace(output[..written]);
            flight.Send(remote, outbox);
            retransmission = FirstRetransmission;
            retransmitAt = now + retransmission;
            lastSent = now;
        }

        if (progress == DtlsHandshake.Progress.Done) EndHandshake();
        if (progress == DtlsHandshake.Progress.Failed) Fail(DtlsFailure.Protocol, error);
    }

    /// <summary>Before the last flight leaves: a peer with the wrong certificate is never told that all went well.</summary>
    bool TryFinish()
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (!handshake!.TryGetRemoteDigest(digest) || !expectedRemote.Matches(digest))
        {
            Fail(DtlsFailure.FingerprintMismatch, null);
            return false;
        }

        var keys = handshake.ExportSrtpKeys();
        if (keys is null)
        {
            Fail(DtlsFailure.NoSrtpProfile, null);
            return false;
        }

        alerts = handshake.ExportAlertCipher();
        pending = new DtlsEvent(DtlsEventKind.Connected, keys);
        return true;
    }

    void Repeat(Instant now, Outbox outbox)
    {
        if (now - lastSent < RepeatInterval) return;
        flight.Send(remote, outbox);
        lastSent = now;
    }

    void Fail(DtlsFailure failure, string? detail)
    {
        Dispose();
        pending = new DtlsEvent(DtlsEventKind.Failed, Failure: failure, Detail: detail);
    }

    void EndHandshake()
    {
        handshake?.Dispose();
        handshake = null;
        retransmitAt = Instant.Never;
    }
}
