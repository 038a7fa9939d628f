using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Media.Ice;
using Realtime.Media.Srtp;

namespace Realtime.Media.Peers;

/// <summary>
/// The secured path to one peer: ICE finds it, DTLS keys it, SRTP runs over it. Knows nothing of media. The path to another part of the room (<see cref="RelayPath"/>) has its keys from
/// the start, and one of its ends does the checking.
/// </summary>
public sealed class PeerTransport : IDisposable
{
    readonly IceCredentials local;
    readonly IceLiteAgent? ice;
    readonly IceDialer? dialer;
    readonly DtlsServer? dtls;
    readonly Queue<PeerEvent> events;
    SrtpSession? srtp;
    NetAddress selected;
    bool hasPath;

    /// <param name="events">Where the transport's events go, shared with the peer.</param>
    public PeerTransport(Instant now, Entropy entropy, DtlsContext context, DtlsFingerprint remote, Queue<PeerEvent> events)
    {
        this.events = events;
        local = IceCredentials.Create(entropy);
        ice = new IceLiteAgent(now, local);
        dtls = new DtlsServer(context, remote);
    }

    /// <param name="events">Where the transport's events go, shared with the peer.</param>
    public PeerTransport(Instant now, Entropy entropy, RelayPath path, Queue<PeerEvent> events)
    {
        this.events = events;
        srtp = SrtpSession.Create(path.Keys, path.Address is not null);
        local = path.Acceptor;
        if (path.Address is not { } address)
        {
            ice = new IceLiteAgent(now, local);
            return;
        }

        local = IceCredentials.Create(entropy);
        dialer = new IceDialer(now, local, path.Acceptor, address, entropy);
    }

    public IceCredentials Local => ice?.Local ?? local;

    public IceCredentials? PreviousLocal => ice?.PreviousLocal;

    public bool IsConnected => srtp is not null;

    /// <summary>Null before the keys are agreed.</summary>
    public SrtpProfile? Profile => srtp?.Profile;

    public NetAddress? Path => hasPath ? selected : null;

    /// <inheritdoc cref="IceLiteAgent.DescribePaths"/>
    public IReadOnlyList<(NetAddress Address, bool IsSelected, Instant LastHeard)> DescribePaths() => ice?.DescribePaths() ?? [];

    public Instant NextDeadline => Instant.Min(ice?.NextDeadline ?? dialer!.NextDeadline, dtls?.NextDeadline ?? Instant.Never);

    public void RestartIce(Entropy entropy) => ice?.Restart(IceCredentials.Create(entropy));

    public bool IsValidated(in NetAddress from) => ice?.IsValidated(from) ?? from == dialer!.Address;

    /// <summary>Whether it could answer one of our own checks.</summary>
    public bool HasAsked(ReadOnlySpan<byte> datagram) => dialer is not null && dialer.HasAsked(datagram);

    public bool IsHeardFrom(Instant now, in NetAddress from) => ice?.IsHeardFrom(now, from) ?? false;

    /// <summary>The path's TCP connection ended.</summary>
    public void LosePath(Instant now, in NetAddress path)
    {
        ice?.RemovePath(now, path);
        TakeIceEvents();
    }

    public DropReason ReceiveStun(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram, Outbox outbox)
    {
        if (ice is null) return ReceiveAnswer(now, from, datagram);
        var drop = ice.Receive(now, from, datagram, outbox);
        // From the first validated address on the ClientHello may come, nominated or not. Starting twice does nothing.
        if (drop == DropReason.None && ice.IsValidated(from)) dtls?.Start(now, from, outbox);
        TakeIceEvents();
        return drop;
    }

    public DropReason ReceiveDtls(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram, Outbox outbox)
    {
        if (dtls is null || !IsValidated(from)) return DropReason.UnknownAddress;
        var drop = dtls.Receive(now, from, datagram, outbox);
        TakeDtlsEvents();
        return drop;
    }

    /// <summary>Opens an SRTP packet in place.</summary>
    public DropReason OpenRtp(Instant now, in NetAddress from, Span<byte> datagram, int headerLength, out int length)
    {
        length = 0;
        if (srtp is null) return DropReason.NoKeys;
        var drop = srtp.Receiver.Unprotect(datagram, headerLength, out length);
        if (drop == DropReason.None) ConfirmTraffic(now, from);
        return drop;
    }

    /// <summary>Opens an SRTCP packet in place.</summary>
    public DropReason OpenRtcp(Instant now, in NetAddress from, Span<byte> datagram, out int length)
    {
        length = 0;
        if (srtp is null) return DropReason.NoKeys;
        var drop = srtp.ControlReceiver.Unprotect(datagram, out length);
        if (drop == DropReason.None) ConfirmTraffic(now, from);
        return drop;
    }

    /// <summary>Protects a packet in the outbox's reserved buffer; <see cref="Commit"/> queues it.</summary>
    /// <param name="payload">In its place in the buffer, or anywhere else.</param>
    public DropReason ProtectRtp(Span<byte> buffer, int headerLength, ReadOnlySpan<byte> payload, out int length)
    {
        length = 0;
        return srtp is null || !hasPath ? DropReason.NoKeys : srtp.Sender.Protect(buffer[..headerLength], payload, buffer, out length);
    }

    /// <summary>Queues what lies at the start of the outbox's reserved buffer; without a path it is gone.</summary>
    public void Commit(int length, Outbox outbox)
    {
        if (hasPath) outbox.Commit(selected, length);
    }

    /// <summary>Protects a compound packet that lies at the start of the outbox's reserved buffer and queues it.</summary>
    public DropReason SendRtcp(Span<byte> buffer, int packetLength, Outbox outbox)
    {
        if (srtp is null || !hasPath) return DropReason.NoKeys;
        var drop = srtp.ControlSender.Protect(buffer[..packetLength], buffer, out var length);
        if (drop == DropReason.None) outbox.Commit(selected, length);
        return drop;
    }

    public void Tick(Instant now, Outbox outbox)
    {
        ice?.Tick(now);
        dtls?.Tick(now, outbox);
        dialer?.Tick(now, outbox);
        if (dialer is { HasExpired: true } && hasPath) LoseDialled();
        TakeIceEvents();
        TakeDtlsEvents();
    }

    /// <summary>Says close_notify, so that the browser knows at once.</summary>
    public void Close(Outbox outbox)
    {
        dtls?.Close(outbox);
        Dispose();
    }

    public void Dispose()
    {
        dtls?.Dispose();
        srtp?.Dispose();
        srtp = null;
    }

    /// <summary>The other end of a link that we dialled answered a check.</summary>
    DropReason ReceiveAnswer(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram)
    {
        var drop = dialer!.Receive(now, from, datagram);
        if (drop != DropReason.None || hasPath) return drop;
        (selected, hasPath) = (dialer.Address, true);
        events.Enqueue(new PeerEvent(PeerEventKind.Connected));
        return drop;
    }

    void LoseDialled()
    {
        hasPath = false;
        events.Enqueue(new PeerEvent(PeerEventKind.ConsentExpired));
    }

    void ConfirmTraffic(Instant now, in NetAddress from)
    {
        if (ice is null) dialer!.ConfirmTraffic(now);
        else ice.ConfirmTraffic(now, from);
    }

    void TakeIceEvents()
    {
        while (ice is not null && ice.TryTakeEvent(out var e))
        {
            switch (e.Kind)
            {
                case IceEventKind.Connected or IceEventKind.PathChanged:
                    selected = e.Path;
                    hasPath = true;
                    dtls?.SetRemote(selected);
                    if (dtls is null && e.Kind == IceEventKind.Connected) events.Enqueue(new PeerEvent(PeerEventKind.Connected));
                    break;
                case IceEventKind.PathLost:
                    hasPath = false;
                    break;
                case IceEventKind.RestartCompleted:
                    events.Enqueue(new PeerEvent(PeerEventKind.RestartCompleted));
                    break;
                case IceEventKind.ConsentExpired:
                    events.Enqueue(new PeerEvent(PeerEventKind.ConsentExpired));
                    break;
            }
        }
    }

    void TakeDtlsEvents()
    {
        while (dtls is not null && dtls.TryTakeEvent(out var e))
        {
            switch (e.Kind)
            {
                case DtlsEventKind.Connected:
                    srtp = SrtpSession.Create(e.Keys!);
                    events.Enqueue(srtp is null
                        ? new PeerEvent(PeerEventKind.TransportClosed, Detail: "no SRTP profile in common")
                        : new PeerEvent(PeerEventKind.Connected));
                    break;
                case DtlsEventKind.Failed:
                    events.Enqueue(new PeerEvent(PeerEventKind.TransportClosed, Detail: $"DTLS failed: {e.Failure} {e.Detail}"));
                    break;
                case DtlsEventKind.Closed:
                    events.Enqueue(new PeerEvent(PeerEventKind.TransportClosed, Detail: "close_notify"));
                    break;
            }
        }
    }
}
