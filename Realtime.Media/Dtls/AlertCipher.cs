using System.Buffers.Binary;
using System.Security.Cryptography;
using Realtime.Media.Core;

namespace Realtime.Media.Dtls;

/// <summary>
/// Reads and writes the alerts of an established connection without the SSL that established it: 40 bytes of keys instead of 74 KiB,
/// so that close_notify ends a membership at once. TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 only (RFC 5288, RFC 6347 §4.1.2).
/// <code>
/// | record header (13) | explicit nonce (8) | level, description (2, encrypted) | tag (16) |
/// </code>
/// </summary>
sealed class AlertCipher : IDisposable
{
    const int KeySize = 16;
    const int FixedNonceSize = 4;
    const int ExplicitNonceSize = 8;
    const int TagSize = 16;
    const int AlertSize = 2;
    const int RecordLength = ExplicitNonceSize + AlertSize + TagSize;
    const byte Warning = 1;
    const byte Fatal = 2;
    const byte CloseNotify = 0;

    /// <summary>A second: each costs an exception. What was forged before must not keep the peer's own alert from being heard later.</summary>
    const int MaxBadAlerts = 64;

    // RFC 5246 §6.3: client write key, server write key, client write IV, server write IV.
    readonly byte[] keyBlock = new byte[(2 * KeySize) + (2 * FixedNonceSize)];
    readonly int localIndex;

    // Finished was record 0 of epoch 1, and we have sent nothing since.
    uint nextSequence = 1;
    int badAlerts;
    Instant badAlertsSince;

    public AlertCipher(ReadOnlySpan<byte> masterSecret, ReadOnlySpan<byte> clientRandom, ReadOnlySpan<byte> serverRandom, bool isServer)
    {
        localIndex = isServer ? 1 : 0;
        ExpandKeys(masterSecret, clientRandom, serverRandom);
    }

    /// <summary>Whether the datagram holds an authentic close_notify or fatal alert.</summary>
    public bool IsClosing(Instant now, ReadOnlySpan<byte> datagram)
    {
        if (now - badAlertsSince >= TimeSpan.FromSeconds(1)) (badAlerts, badAlertsSince) = (0, now);
        while (DtlsRecord.TryRead(datagram, out var record))
        {
            if (record is { Type: DtlsRecord.Alert, Epoch: 1, Length: RecordLength } && TryOpen(datagram[..record.Size], out var level, out var description)
                && (level == Fatal || description == CloseNotify))
                return true;
            datagram = datagram[record.Size..];
        }

        return false;
    }

    /// <summary>Queues a close_notify.</summary>
    public DropReason SendCloseNotify(in NetAddress to, Outbox outbox)
    {
        if (!outbox.TryReserve(DtlsRecord.HeaderSize + RecordLength, out var buffer)) return DropReason.OutboxFull;
        var writer = new SpanWriter(buffer);
        writer.Byte(DtlsRecord.Alert);
        writer.UInt16(0xFEFD);
        writer.UInt64((1UL << 48) | nextSequence++);
        writer.UInt16(RecordLength);

        // The explicit nonce is the epoch and sequence number: unique, as RFC 5288 §3 suggests.
        buffer.Slice(3, ExplicitNonceSize).CopyTo(buffer[DtlsRecord.HeaderSize..]);
        var body = buffer.Slice(DtlsRecord.HeaderSize + ExplicitNonceSize, AlertSize + TagSize);
        Span<byte> nonce = stackalloc byte[FixedNonceSize + ExplicitNonceSize];
        Span<byte> associated = stackalloc byte[DtlsRecord.HeaderSize];
        Prepare(buffer, localIndex, nonce, associated);
        using var gcm = new AesGcm(Key(localIndex), TagSize);
        gcm.Encrypt(nonce, [Warning, CloseNotify], body[..AlertSize], body[AlertSize..], associated);
        outbox.Commit(to, buffer.Length);
        return DropReason.None;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(keyBlock);

    bool TryOpen(ReadOnlySpan<byte> record, out byte level, out byte description)
    {
        level = description = 0;
        if (badAlerts >= MaxBadAlerts) return false;
        Span<byte> nonce = stackalloc byte[FixedNonceSize + ExplicitNonceSize];
        Span<byte> associated = stackalloc byte[DtlsRecord.HeaderSize];
        Span<byte> plain = stackalloc byte[AlertSize];
        Prepare(record, 1 - localIndex, nonce, associated);
        var body = record[(DtlsRecord.HeaderSize + ExplicitNonceSize)..];
        using var gcm = new AesGcm(Key(1 - localIndex), TagSize);
        try
        {
            gcm.Decrypt(nonce, body[..AlertSize], body[AlertSize..], plain, associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            // The only way AesGcm says no. Forged or damaged: counted, so that it cannot be made to happen all the time.
            badAlerts++;
            return false;
        }

        (level, description) = (plain[0], plain[1]);
        return true;
    }

    // RFC 5288 §3 and RFC 5246 §6.2.3.3: nonce = fixed + explicit; associated data = epoch and sequence, type, version, plain length.
    void Prepare(ReadOnlySpan<byte> record, int side, Span<byte> nonce, Span<byte> associated)
    {
        keyBlock.AsSpan((2 * KeySize) + (side * FixedNonceSize), FixedNonceSize).CopyTo(nonce);
        record.Slice(DtlsRecord.HeaderSize, ExplicitNonceSize).CopyTo(nonce[FixedNonceSize..]);
        record.Slice(3, 8).CopyTo(associated);
        record[..3].CopyTo(associated[8..]);
        BinaryPrimitives.WriteUInt16BigEndian(associated[11..], AlertSize);
    }

    ReadOnlySpan<byte> Key(int side) => keyBlock.AsSpan(side * KeySize, KeySize);

    // RFC 5246 §5: P_SHA256(master secret, "key expansion" + server random + client random).
    void ExpandKeys(ReadOnlySpan<byte> masterSecret, ReadOnlySpan<byte> clientRandom, ReadOnlySpan<byte> serverRandom)
    {
        const int hash = SHA256.HashSizeInBytes;
        byte[] seed = [.. "key expansion"u8, .. serverRandom, .. clientRandom];
        var chained = new byte[hash + seed.Length];
        seed.CopyTo(chained, hash);
        Span<byte> a = stackalloc byte[hash];
        Span<byte> output = stackalloc byte[hash];
        HMACSHA256.HashData(masterSecret, seed, a);
        for (var at = 0; at < keyBlock.Length; at += hash)
        {
            a.CopyTo(chained);
            HMACSHA256.HashData(masterSecret, chained, output);
            output[..Math.Min(hash, keyBlock.Length - at)].CopyTo(keyBlock.AsSpan(at));
            HMACSHA256.HashData(masterSecret, a, a);
        }

        CryptographicOperations.ZeroMemory(output);
    }
}
