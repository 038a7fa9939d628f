using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Realtime.Contracts;
using Realtime.Media.Congestion;
using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Media.Ice;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Client.Media;

/// <summary>
/// Our side of a call, sans-IO: ICE, DTLS, SRTP, what we send and what we get. It is handed datagrams and the time, and hands back datagrams and frames. Not thread-safe: <see cref="MediaLoop"/>
/// holds the lock.
/// </summary>
sealed partial class ClientPeer(Entropy entropy, Action<string, EncodedFrame> received) : IDisposable
{
    /// <summary>As many as the server takes.</summary>
    public const int MaxSections = 64;

    /// <summary>Nothing heard for so long: the path is doubtful (a browser calls it disconnected) …</summary>
    static readonly TimeSpan s_doubtful = TimeSpan.FromSeconds(2.5);

    const int MaxDatagram = 1500;
    const int HeaderRoom = 64;

        readonly List<MediaSection> _sections = [];
    readonly Dictionary<Ssrc, MediaSection> _incoming = [];
    readonly ArrivalRecorder _arrivals = new();
    readonly long _session = (long)(entropy.NextUInt64() >> 2);
    long _version;
    IceCredentials? _local;
    PathFinder? _path;
    DtlsClient? _dtls;
    SrtpKeys? _keys;
    string _remoteUfrag = "";
    byte _midId;
    byte _transportId;
    byte _levelId;
    ushort _transportSequence;

    public IReadOnlyList<MediaSection> Sections => _sections;

    /// <summary>False: only TCP is tried.</summary>
    public bool UsesUdp { get; init; } = true;

    /// <summary>When <see cref="Tick"/> has something to do; ticking early does no harm.</summary>
    public Instant NextDeadline
    {
        get
        {
            var next = Instant.Min(_path?.NextDeadline ?? Instant.Never, _dtls?.NextDeadline ?? Instant.Never);
            if (_keys is null)
                return next;
            foreach (var section in _sections)
                next = Instant.Min(next, section.Receiving?.NextDeadline ?? Instant.Never);
            return Instant.Min(next, Instant.Min(_nextReport, _arrivals.NextDeadline));
        }
    }

    /// <summary>Keys are agreed and the other side was heard lately.</summary>
    public bool IsConnected(Instant now) => _keys is not null && _path is { Path: not null } path && now - path.HeardAt < s_doubtful;

    /// <summary>The other side has ended it, or the handshake has failed: nothing mends that.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Adds a sending section, or uses one whose track ended; takes effect with the next offer.</summary>
    public MediaSection AddSending(MediaKind kind)
    {
        var section = _sections.Find(one => one.Sending is not null && one.IsVideo == (kind == MediaKind.Video) && one.Direction == MediaDirection.Inactive);
        if (section is null)
            section = Add(kind, MediaDirection.SendOnly, new SendingStream(kind == MediaKind.Video, entropy));
        else
            section.Direction = MediaDirection.SendOnly;
        return section;
    }

    /// <summary>Makes receive sections of this kind until there are as many.</summary>
    /// <returns>Whether some were added.</returns>
    public bool Receive(MediaKind kind, int wanted)
    {
        var missing = wanted - _sections.Count(section => section.Sending is null && section.IsVideo == (kind == MediaKind.Video));
        for (var i = 0; i < missing && _sections.Count < MaxSections; i++)
            Add(kind, MediaDirection.RecvOnly, null);
        return missing > 0;
    }

    public string Offer()
    {
        _local ??= IceCredentials.Create(entropy);
        return ClientOffer.Write(_session, ++_version, _local, DtlsClient.OwnFingerprint, _sections);
    }

    /// <summary>New credentials in the next offer: the path is searched anew, what was agreed stays.</summary>
    public void RestartIce() => _local = null;

    /// <exception cref="RealtimeException">An answer that we cannot use.</exception>
    public void Accept(Instant now, string answer)
    {
        if (!SdpReader.TryRead(answer, SdpLimits.Default, out var description, out var error))
            throw new RealtimeException(new RealtimeError(ErrorCode.Internal, $"The server's answer cannot be read: {error}"));
        foreach (var section in description.Sections)
        {
            if (_sections.Find(one => one.Mid == section.Mid) is { } ours)
                Accept(ours, section);
        }
        if (description.Sections.FirstOrDefault(static section => !section.IsRejected) is not { } first)
            throw new RealtimeException(new RealtimeError(ErrorCode.Internal, "The server's answer takes nothing of the offer."));
        if (first.Transport.IceUfrag == _remoteUfrag)
            return;
        Connect(now, description, first.Transport);
    }

    public void Tick(Instant now, Outbox outbox)
    {
        if (_path is null || _dtls is null || HasEnded)
            return;
        _path.Tick(now, outbox);
        if (_path.Path is { } to)
        {
            _dtls.SetRemote(to);
            _dtls.Start(now, to, outbox);
        }
        _dtls.Tick(now, outbox);
        TakeDtlsEvents(now);
        if (_keys is null)
            return;
        Control(now, outbox);
        foreach (var section in _sections)
            Deliver(now, section);
    }

    public void Receive(Instant now, NetAddress from, Span<byte> datagram, Outbox outbox)
    {
        if (datagram.IsEmpty || _path is null || HasEnded)
            return;
        // RFC 7983 §7.
        switch (datagram[0])
        {
            case <= 3:
                _path.Receive(now, datagram);
                break;
            case >= 20 and <= 63 when _dtls is not null:
                _dtls.Receive(now, from, datagram, outbox);
                TakeDtlsEvents(now);
                break;
            case >= 128 and <= 191 when _keys is not null:
                if (PacketKindReader.Classify(datagram) == PacketKind.Rtcp)
                    ReceiveRtcp(now, datagram, outbox);
                else
                    ReceiveRtp(now, datagram);
                break;
        }
    }

    /// <summary>Sends a frame; false, and it is gone, while there is no connection: media is worth nothing later.</summary>
    public bool Write(Instant now, MediaSection section, EncodedFrame frame, Outbox outbox)
    {
        if (_keys is null || !IsConnected(now) || section.Sending is not { PayloadType: not null } sending || !section.Direction.Sends())
            return false;
        sending.Write(now, frame, (in RtpHeaderFields fields, byte? level, ReadOnlySpan<byte> payload) => Send(section, fields, level, payload, outbox));
        return true;
    }

    /// <summary>Says goodbye: the others hear at once that we are gone.</summary>
    public void Close(Outbox outbox)
    {
        _dtls?.Close(outbox);
        HasEnded = true;
    }

    public void Dispose()
    {
        HasEnded = true;
        _dtls?.Dispose();
        _keys?.Dispose();
        _keys = null;
    }

    MediaSection Add(MediaKind kind, MediaDirection direction, SendingStream? sending)
    {
        if (_sections.Count == MaxSections)
            throw new RealtimeException(new RealtimeError(ErrorCode.TooLarge, $"A connection has at most {MaxSections} tracks."));
        var section = new MediaSection(_sections.Count.ToString(CultureInfo.InvariantCulture), kind == MediaKind.Video ? SectionKind.Video : SectionKind.Audio, direction) { Sending = sending };
        _sections.Add(section);
        return section;
    }

    void Accept(MediaSection ours, MediaDescription answer)
    {
        byte IdOf(ExtensionKind kind) => answer.Extensions.FirstOrDefault(one => ExtensionUri.Parse(one.Uri) == kind)?.Id ?? 0;
        ours.Sending?.Accept(answer);
        if (IdOf(ExtensionKind.Mid) is > 0 and var mid)
            _midId = mid;
        if (IdOf(ExtensionKind.TransportCc) is > 0 and var transport)
            _transportId = transport;
        if (IdOf(ExtensionKind.AudioLevel) is > 0 and var level)
            _levelId = level;
        if (ours.Sending is not null || answer.Ssrcs is not [var source, ..] || ours.Receiving?.Ssrc == source.Ssrc)
            return;
        ours.Receiving = new ReceivingStream(answer);
        _incoming[source.Ssrc] = ours;
        if (ours.Receiving.RepairSsrc is { } repairs)
            _incoming[repairs] = ours;
    }

    void Connect(Instant now, SessionDescription description, TransportDescription transport)
    {
        var candidates = description.Sections.SelectMany(static section => section.Candidates).Select(static text => IceCandidate.TryRead(text, out var one) ? one : (IceCandidate?)null)
            .OfType<IceCandidate>().Where(one => one.IsTcp || UsesUdp).OrderByDescending(static one => one.Priority).ToList();
        // Each TCP candidate is a connection of its own, by this number.
        var addresses = candidates.Select(static (one, i) => one.IsTcp ? one.Address with { Connection = i + 1 } : one.Address).ToList();
        if (!IceCredentials.TryCreate(transport.IceUfrag, transport.IcePwd, out var remote) || addresses.Count == 0 || transport.Fingerprints.FirstOrDefault(static one => one.Algorithm == DtlsFingerprint.Algorithm) is not { } shown
            || !DtlsFingerprint.TryRead(DtlsFingerprint.Algorithm, shown.ToString()[(DtlsFingerprint.Algorithm.Length + 1)..], out var fingerprint))
            throw new RealtimeException(new RealtimeError(ErrorCode.Internal, "The server's answer names no way to it."));
        _remoteUfrag = transport.IceUfrag;
        _path = new PathFinder(now, _local!, remote!, addresses, entropy);
        _dtls ??= new DtlsClient(fingerprint!);
    }

    void TakeDtlsEvents(Instant now)
    {
        while (_dtls!.TryTakeEvent(out var next))
        {
            if (next.Kind == DtlsEventKind.Connected)
            {
                _keys = SrtpKeys.Create(next.Keys!);
                _nextReport = now + (ReportInterval / 2);
            }
            HasEnded |= _keys is null || next.Kind != DtlsEventKind.Connected;
        }
    }

    void Send(MediaSection section, in RtpHeaderFields fields, byte? level, ReadOnlySpan<byte> payload, Outbox outbox)
    {
        if (_path!.Path is not { } to || !outbox.TryReserve(MaxDatagram, out var buffer))
            return;
        Span<byte> header = stackalloc byte[RtpHeader.MinLength + HeaderRoom];
        Span<byte> mid = stackalloc byte[8];
        fields.TryWrite(header);
        var extensions = new RtpExtensionWriter(header[RtpHeader.MinLength..], twoByte: false);
        if (_midId != 0)
            extensions.Add(_midId, mid[..Encoding.ASCII.GetBytes(section.Mid, mid)]);
        if (_transportId != 0)
            BinaryPrimitives.WriteUInt16BigEndian(extensions.Add(_transportId, sizeof(ushort), out _), _transportSequence++);
        if (level is { } loud && _levelId != 0)
            extensions.Add(_levelId, [(byte)((loud < AudioLevel.Silence ? 0x80 : 0) | (loud & AudioLevel.Silence))]);
        var length = RtpHeader.MinLength + extensions.Finish();
        RtpFields.SetExtension(header);
        if (_keys!.Sender.Protect(header[..length], payload, buffer, out var written) == DropReason.None)
            outbox.Commit(to, written);
    }

    void ReceiveRtp(Instant now, Span<byte> datagram)
    {
        if (!RtpHeader.TryReadProtected(datagram, out var shell) || _keys!.Receiver.Unprotect(datagram, shell.HeaderLength, out var length) != DropReason.None
            || !RtpHeader.TryRead(datagram[..length], out var header))
            return;
        _path!.Heard(now);
        if (_transportId != 0 && header.Extensions(datagram).TryFind(_transportId, out var number) && number.Length == sizeof(ushort))
            _arrivals.Arrived(now, new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(number)), datagram.Length);
        if (!_incoming.TryGetValue(header.Ssrc, out var section))
            return;
        section.Receiving!.Receive(now, datagram[..length], header);
        Deliver(now, section);
    }

    void Deliver(Instant now, MediaSection section)
    {
        while (section.Receiving is { } receiving && receiving.TryTake(now, out var frame))
            received(section.Mid, frame);
    }
}
