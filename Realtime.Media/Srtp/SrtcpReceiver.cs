using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Realtime.Media.Core;

namespace Realtime.Media.Srtp;

/// <summary>
/// Opens the RTCP packets received from one peer, in place (RFC 3711 §3.4, RFC 7714 §9). DTLS-SRTP always encrypts RTCP, so a packet
/// without the E bit is refused. State changes only after a packet proved authentic.
/// </summary>
public sealed class SrtcpReceiver : IDisposable
{
    readonly PacketCipher cipher;
    readonly SsrcTable<ReplayWindow> windows = new();

    /// <inheritdoc cref="SrtpSender(SrtpProfile, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public SrtcpReceiver(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        using var keys = KeyDerivation.ForRtcp(profile, masterKey, masterSalt);
        cipher = new PacketCipher(profile, keys, encrypt: false);
    }

    internal SrtcpReceiver(SrtpProfile profile, SrtpSessionKeys keys) => cipher = new PacketCipher(profile, keys, encrypt: false);

    /// <summary><see cref="DropReason.None"/> and the length of the plain RTCP, or why not, as <see cref="SrtpReceiver.Unprotect"/>.</summary>
    public DropReason Unprotect(Span<byte> packet, out int length)
    {
        length = 0;
        var end = packet.Length - cipher.TagSize - SrtcpSender.IndexSize;
        if (end < SrtcpSender.HeaderSize) return DropReason.TooShort;
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        var word = packet.Slice(cipher.IsAead ? packet.Length - SrtcpSender.IndexSize : end, SrtcpSender.IndexSize);
        var flagged = BinaryPrimitives.ReadUInt32BigEndian(word);
        if ((flagged & SrtcpSender.EncryptedFlag) == 0) return DropReason.Malformed;
        var index = flagged & ~SrtcpSender.EncryptedFlag;

        ref var window = ref windows.Find(ssrc);
        var isNew = Unsafe.IsNullRef(ref window);
        if (!isNew && !window.IsFresh(index)) return DropReason.Replayed;
        if (isNew && windows.Count == SsrcTable<ReplayWindow>.MaxStreams) return DropReason.OverQuota;
        if (!TryOpen(packet, end, word, ssrc, index)) return DropReason.BadAuthTag;

        if (isNew)
        {
            windows.TryAdd(ssrc, default);
            window = ref windows.Find(ssrc);
        }

        window.Accept(index);
        length = end;
        return DropReason.None;
    }

    bool TryOpen(Span<byte> packet, int end, ReadOnlySpan<byte> word, uint ssrc, uint index)
    {
        var text = packet[SrtcpSender.HeaderSize..end];
        if (cipher.IsAead)
            return cipher.TryOpen(ssrc, index, packet[..SrtcpSender.HeaderSize], word, text, packet.Slice(end, cipher.TagSize));

        var authenticated = end + SrtcpSender.IndexSize;
        if (!cipher.IsAuthentic(packet[..authenticated], default, packet[authenticated..])) return false;
        cipher.ApplyCounterMode(ssrc, index, text, text);
        return true;
    }

    public void Dispose() => cipher.Dispose();
}
