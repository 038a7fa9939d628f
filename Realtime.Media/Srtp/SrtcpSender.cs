using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Srtp;

/// <summary>
/// Protects the RTCP packets sent to one peer (RFC 3711 §3.4, RFC 7714 §9). One index for all SSRCs: each sees it rise, with gaps.
/// <code>
/// AES-CM:  header (8) | ciphertext | E + index (4) | tag (10)
/// AES-GCM: header (8) | ciphertext | tag (16) | E + index (4)
/// </code>
/// </summary>
public sealed class SrtcpSender : IDisposable
{
    internal const int HeaderSize = 8;
    internal const int IndexSize = 4;
    internal const uint EncryptedFlag = 0x8000_0000;

    readonly PacketCipher cipher;
    uint nextIndex;

    /// <inheritdoc cref="SrtpSender(SrtpProfile, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public SrtcpSender(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        using var keys = KeyDerivation.ForRtcp(profile, masterKey, masterSalt);
        cipher = new PacketCipher(profile, keys, encrypt: true);
    }

    internal SrtcpSender(SrtpProfile profile, SrtpSessionKeys keys, uint firstIndex)
    {
        cipher = new PacketCipher(profile, keys, encrypt: true);
        nextIndex = firstIndex;
    }

    /// <summary>What <see cref="Protect"/> adds.</summary>
    public int Overhead => cipher.TagSize + IndexSize;

    /// <summary><see cref="DropReason.OverQuota"/> after 2^31 packets: the key's life.</summary>
    /// <param name="packet">A whole compound (or reduced-size) packet.</param>
    /// <param name="destination">At least <see cref="Overhead"/> longer; the packet may already lie at its start.</param>
    public DropReason Protect(ReadOnlySpan<byte> packet, Span<byte> destination, out int length)
    {
        length = 0;
        if (packet.Length < HeaderSize) return DropReason.TooShort;
        if (nextIndex >= EncryptedFlag) return DropReason.OverQuota;
        var index = nextIndex++;
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        packet[..HeaderSize].CopyTo(destination);
        var payload = packet[HeaderSize..];
        var text = destination[HeaderSize..packet.Length];

        if (cipher.IsAead)
        {
            var word = destination.Slice(packet.Length + cipher.TagSize, IndexSize);
            BinaryPrimitives.WriteUInt32BigEndian(word, EncryptedFlag | index);
            cipher.Seal(ssrc, index, destination[..HeaderSize], word, payload, text, destination.Slice(packet.Length, cipher.TagSize));
        }
        else
        {
            cipher.ApplyCounterMode(ssrc, index, payload, text);
            BinaryPrimitives.WriteUInt32BigEndian(destination[packet.Length..], EncryptedFlag | index);
            cipher.Authenticate(destination[..(packet.Length + IndexSize)], default, destination.Slice(packet.Length + IndexSize, cipher.TagSize));
        }

        length = packet.Length + Overhead;
        return DropReason.None;
    }

    public void Dispose() => cipher.Dispose();
}
