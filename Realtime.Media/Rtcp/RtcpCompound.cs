namespace Realtime.Media.Rtcp;

/// <summary>
/// The packets of one RTCP datagram: a compound (RFC 3550 §6.1) or a reduced-size one (RFC 5506), so any type may come first.
/// The chain of lengths is checked before anything is handed out: enumerating cannot fail. Unknown types are handed out as well.
/// </summary>
public readonly ref struct RtcpCompound
{
    readonly ReadOnlySpan<byte> datagram;

    RtcpCompound(ReadOnlySpan<byte> datagram) => this.datagram = datagram;

    /// <summary>False when the lengths do not add up to the datagram, or padding is wrong or not on the last packet.</summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out RtcpCompound compound)
    {
        compound = default;
        var rest = datagram;
        if (rest.IsEmpty) return false;
        while (!rest.IsEmpty)
        {
            if (!RtcpHeader.TryRead(rest, out var header)) return false;
            if (header.HasPadding)
            {
                if (header.Length != rest.Length) return false;
                var padding = rest[^1];
                // RFC 3550 §6.4.1 wants a multiple of four; libwebrtc pads its transport feedback by one to three bytes.
                if (padding == 0 || padding > header.Length - RtcpHeader.Size) return false;
            }

            rest = rest[header.Length..];
        }

        compound = new RtcpCompound(datagram);
        return true;
    }

    public Enumerator GetEnumerator() => new(datagram);

    public ref struct Enumerator
    {
        ReadOnlySpan<byte> rest;
        ReadOnlySpan<byte> body;
        RtcpHeader header;

        internal Enumerator(ReadOnlySpan<byte> datagram) => rest = datagram;

        public readonly RtcpPacket Current => new(header, body);

        public bool MoveNext()
        {
            if (!RtcpHeader.TryRead(rest, out header)) return false;
            var end = header.HasPadding ? header.Length - rest[header.Length - 1] : header.Length;
            body = rest[RtcpHeader.Size..end];
            rest = rest[header.Length..];
            return true;
        }
    }
}
