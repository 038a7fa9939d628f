using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Xunit;

namespace Realtime.Tests.Media.Dtls;

/// <summary>What Chrome 141 and later send: a ClientHello beyond one MTU, in fragments, with extensions nobody knows yet.</summary>
public class ClientHelloTests
{
    const int FragmentHeader = 12;
    const int RecordHeader = DtlsRecord.HeaderSize;
    const byte ServerHello = 2;

    [Theory]
    [InlineData(50, false)]
    [InlineData(50, true)]
    [InlineData(1, false)]
    public void A_handshake_whose_hello_comes_in_fragments_completes(int size, bool backwards)
    {
        List<byte[]>? fragments = null;
        using var pair = new DtlsPair
        {
            Filter = (toServer, d) =>
            {
                if (fragments is not null && toServer) SkipSequences(d, fragments.Count);
                if (fragments is not null || !toServer) return true;
                fragments = Fragments(Message(d), size);
                return false;
            },
        };
        pair.Start();
        Assert.NotNull(fragments);
        if (backwards) fragments.Reverse();
        foreach (var fragment in fragments) pair.ToServer(fragment);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.True(pair.Server.TryTakeEvent(out var e));
        Assert.Equal(DtlsEventKind.Connected, e.Kind);
        Assert.True(pair.Client.IsConnected);
    }

    [Fact]
    public void Unknown_extensions_beyond_one_MTU_are_answered()
    {
        using var pair = new DtlsPair { Filter = (_, _) => false };
        pair.Start();
        var message = WithExtensions(Message(pair.FromClient[0]), (0x0A0A, 0), (0xFE0D, 1400), (0x7A7A, 1), (0x4469, 900));
        Assert.True(message.Length > 2400);
        foreach (var fragment in Fragments(message, 1100)) pair.ToServer(fragment);
        Assert.NotEmpty(pair.FromServer);
        Assert.Equal(ServerHello, pair.FromServer[0][RecordHeader]);
    }

    [Fact]
    public void A_message_that_claims_to_be_huge_never_reaches_OpenSSL()
    {
        using var pair = new DtlsPair { Filter = (_, _) => false };
        pair.Start();
        var fragment = Fragments(Message(pair.FromClient[0]), 50)[0];
        Assert.True(DtlsRecord.IsSane(fragment));
        fragment[RecordHeader + 1] = 1;
        Assert.False(DtlsRecord.IsSane(fragment));
    }

    [Fact]
    public void Random_and_damaged_datagrams_neither_throw_nor_complete()
    {
        const ulong seed = 6347;
        var random = new Entropy(seed);
        for (var round = 0; round < 20; round++)
        {
            using var pair = new DtlsPair(seed + (ulong)round)
            {
                Filter = (toServer, d) =>
                {
                    if (!toServer) return true;
                    for (var i = 0; i < 3; i++) d[RecordHeader + random.NextInt32(d.Length - RecordHeader)] ^= (byte)(1 + random.NextInt32(255));
                    return true;
                },
            };
            pair.Start();
            for (var i = 0; i < 50; i++)
            {
                var bytes = new byte[1 + random.NextInt32(300)];
                random.Fill(bytes);
                bytes[0] = (byte)(20 + random.NextInt32(5));
                if (bytes.Length > RecordHeader && random.NextInt32(2) == 0)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(1), 0xFEFD);
                    BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(3), (ushort)random.NextInt32(2));
                    BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(11), (ushort)(bytes.Length - RecordHeader));
                }

                pair.ToServer(bytes);
            }

            pair.Run(TimeSpan.FromSeconds(32));
            Assert.True(pair.Server.TryTakeEvent(out var e), $"seed {seed}, round {round}");
            Assert.True(e.Kind == DtlsEventKind.Failed, $"seed {seed}, round {round}: {e}");
        }
    }

    [Fact]
    public void A_flood_of_fragments_ends_the_handshake()
    {
        using var pair = new DtlsPair { Filter = (_, _) => false };
        pair.Start();
        var fragment = Fragments(Message(pair.FromClient[0]), 10)[1];
        for (var i = 0; i < 400; i++) pair.ToServer(fragment);
        Assert.True(pair.Server.TryTakeEvent(out var e));
        Assert.Equal(DtlsFailure.TooManyDatagrams, e.Failure);
    }

    /// <summary>Numbers the client's further records as if it had sent the fragments itself.</summary>
    static void SkipSequences(Span<byte> datagram, int count)
    {
        while (DtlsRecord.TryRead(datagram, out var record))
        {
            var sequence = datagram[(DtlsRecord.SequenceOffset + 2)..];
            if (record.Epoch == 0) BinaryPrimitives.WriteUInt32BigEndian(sequence, BinaryPrimitives.ReadUInt32BigEndian(sequence) + (uint)count);
            datagram = datagram[record.Size..];
        }
    }

    /// <summary>The body of the ClientHello in a record.</summary>
    static byte[] Message(byte[] record) => record[(RecordHeader + FragmentHeader)..];

    /// <summary>Records with one fragment each.</summary>
    static List<byte[]> Fragments(byte[] body, int size)
    {
        var fragments = new List<byte[]>();
        for (var at = 0; at < body.Length; at += size)
        {
            var length = Math.Min(size, body.Length - at);
            var record = new byte[RecordHeader + FragmentHeader + length];
            var writer = new SpanWriter(record);
            writer.Byte(DtlsRecord.Handshake);
            writer.UInt16(0xFEFF);
            writer.UInt64((ulong)fragments.Count);
            writer.UInt16((ushort)(FragmentHeader + length));
            writer.Byte(1);
            writer.UInt24((uint)body.Length);
            writer.UInt16(0);
            writer.UInt24((uint)at);
            writer.UInt24((uint)length);
            writer.Bytes(body.AsSpan(at, length));
            fragments.Add(record);
        }

        return fragments;
    }

    /// <summary>Puts extensions of these types and lengths before the others (RFC 5246 §7.4.1.2).</summary>
    static byte[] WithExtensions(byte[] body, params (ushort Type, int Length)[] added)
    {
        var at = 2 + 32;
        at += 1 + body[at];
        at += 1 + body[at];
        at += 2 + BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at));
        at += 1 + body[at];
        var existing = body.AsSpan(at + 2);
        var extra = added.Sum(a => 4 + a.Length);
        var result = new byte[body.Length + extra];
        var writer = new SpanWriter(result);
        writer.Bytes(body.AsSpan(0, at));
        writer.UInt16((ushort)(existing.Length + extra));
        foreach (var (type, length) in added)
        {
            writer.UInt16(type);
            writer.UInt16((ushort)length);
            writer.Zero(length);
        }

        writer.Bytes(existing);
        return result;
    }
}
