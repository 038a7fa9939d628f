using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Dtls;

/// <summary>
/// The last flight of handshake records (RFC 6347 §4.2.4), kept to be sent again: OpenSSL can only retransmit by its own wall clock. Records of
/// epoch 0 get a fresh sequence number each time, so that a receiver which dropped one does not take it for a replay; they are not
/// authenticated. Finished, in epoch 1, is: it goes out unchanged, and a receiver that could not read it has not counted it.
/// </summary>
sealed class DtlsFlight
{
    /// <summary>Of a datagram: fits every path's MTU with room for tunnels.</summary>
    public const int Mtu = 1200;

    /// <summary>A server's is about 700 bytes; more is our own certificate, which we know.</summary>
    public const int MaxSize = 8 << 10;

    byte[] records = [];
    ulong nextSequence;

    public bool IsEmpty => records.Length == 0;

    public void Replace(ReadOnlySpan<byte> flight) => records = flight.ToArray();

    /// <summary>Sends all records, packed into as few datagrams as hold them. What does not fit the outbox is lost, as on any network.</summary>
    public DropReason Send(in NetAddress to, Outbox outbox)
    {
        var rest = records.AsSpan();
        while (!rest.IsEmpty)
        {
            var datagram = TakeDatagram(rest);
            if (!outbox.TrySend(to, datagram)) return DropReason.OutboxFull;
            rest = rest[datagram.Length..];
        }

        return DropReason.None;
    }

    Span<byte> TakeDatagram(Span<byte> rest)
    {
        var length = 0;
        while (DtlsRecord.TryRead(rest[length..], out var record) && (length == 0 || length + record.Size <= Mtu))
        {
            if (record.Epoch == 0)
            {
                var sequence = rest.Slice(length + DtlsRecord.SequenceOffset, 6);
                BinaryPrimitives.WriteUInt16BigEndian(sequence, (ushort)(nextSequence >> 32));
                BinaryPrimitives.WriteUInt32BigEndian(sequence[2..], (uint)nextSequence++);
            }

            length += record.Size;
        }

        // OpenSSL writes nothing but whole records; were it otherwise, the rest must still end.
        return length == 0 ? rest : rest[..length];
    }
}
