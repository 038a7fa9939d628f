using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using StackExchange.Redis.Resp;
using Xunit;

namespace Realtime.Tests.Minimal.Redis;

/// <summary>The reader on arbitrary streams in arbitrary pieces. A failure prints its seed (FsCheck's <c>Replay</c>).</summary>
public sealed class RespStreamTests
{
    static readonly RespLimits s_limits = new(MaxDepth: 8, MaxBulkBytes: 1 << 16, MaxReplyBytes: 1 << 20, MaxElements: 1000, MaxLineBytes: 1024);

    [Fact]
    public void AnySplitGivesTheSameReplies() => Prop.ForAll(
        Gen.NonEmptyListOf(Reply(3)).Select(replies => string.Concat(replies)).ToArbitrary(),
        Gen.NonEmptyListOf(Gen.Choose(1, 40)).ToArbitrary(),
        (wire, cuts) =>
        {
            var bytes = Encoding.UTF8.GetBytes(wire);
            var whole = ReadAll(bytes, [bytes.Length]);
            Assert.DoesNotContain("malformed", whole);
            Assert.Equal(whole, ReadAll(bytes, [.. cuts]));
            Assert.Equal(whole, ReadAll(bytes, [1]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void GarbageIsRefusedAndNeverThrows() => Prop.ForAll(
        Gen.NonEmptyListOf(Gen.Elements(Encoding.ASCII.GetBytes("+-:$*%~>|=!#_,(\r\n\r\n\r\n\r\n0123456789abtf?").Concat([(byte)0, (byte)255]))).ToArbitrary(),
        Gen.NonEmptyListOf(Gen.Choose(1, 7)).ToArbitrary(),
        (garbage, cuts) => Assert.Equal(ReadAll([.. garbage], [garbage.Count]), ReadAll([.. garbage], [.. cuts])))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void OneFlippedByteIsRefusedOrReadButNeverThrows() => Prop.ForAll(
        Gen.NonEmptyListOf(Reply(3)).Select(replies => Encoding.UTF8.GetBytes(string.Concat(replies))).ToArbitrary(),
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        Gen.Choose(0, 255).ToArbitrary(),
        (wire, at, value) =>
        {
            wire[at % wire.Length] = (byte)value;
            Assert.Equal(ReadAll(wire, [wire.Length]), ReadAll(wire, [3]));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    /// <summary>Feeds the stream in pieces of the given sizes, in turn, as a pipe would.</summary>
    static List<string> ReadAll(byte[] wire, IReadOnlyList<int> cuts)
    {
        var reader = new RespReader(s_limits);
        var replies = new List<string>();
        var consumed = 0;
        var cut = 0;
        for (var arrived = 0; arrived < wire.Length;)
        {
            arrived = Math.Min(wire.Length, arrived + cuts[cut++ % cuts.Count]);
            var buffer = Segmented(wire.AsMemory(consumed..arrived), 5);
            RespStatus status;
            while ((status = reader.TryRead(ref buffer, out var value)) == RespStatus.Value)
                replies.Add(RespText.Of(value));
            if (status == RespStatus.Malformed)
            {
                replies.Add("malformed");
                return replies;
            }
            consumed = arrived - (int)buffer.Length;
        }
        return replies;
    }

    static ReadOnlySequence<byte> Segmented(ReadOnlyMemory<byte> bytes, int size)
    {
        var first = new Segment(bytes[..Math.Min(size, bytes.Length)], 0);
        var last = first;
        for (var at = size; at < bytes.Length; at += size)
            last = last.Append(bytes[at..Math.Min(at + size, bytes.Length)]);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    static Gen<string> Reply(int depth)
    {
        var text = Gen.Elements("", "OK", "hello world", "é", "$5");
        var bulk = Gen.Elements("", "\r\n", "*1\r\n", "payload", new string('x', 300));
        var scalar = Gen.OneOf(
            text.Select(value => $"+{value}\r\n"),
            text.Select(value => $"-ERR {value}\r\n"),
            ArbMap.Default.GeneratorFor<long>().Select(value => $":{value}\r\n"),
            bulk.Select(value => $"${Encoding.UTF8.GetByteCount(value)}\r\n{value}\r\n"),
            Gen.Elements("_\r\n", "$-1\r\n", "#t\r\n", ",1.5\r\n", ",inf\r\n", "(123\r\n", "=5\r\ntxt:a\r\n", "!3\r\nERR\r\n"));
        if (depth == 0)
            return scalar;
        var inner = Reply(depth - 1);
        var aggregate = Gen.Elements('*', '~', '>').SelectMany(_ => Gen.Choose(0, 4), (type, count) => (type, count))
            .SelectMany(header => Gen.ListOf(inner, header.count), (header, items) => $"{header.type}{header.count}\r\n{string.Concat(items)}");
        var map = Gen.Elements('%', '|').SelectMany(_ => Gen.Choose(0, 2), (type, count) => (type, count))
            .SelectMany(header => Gen.ListOf(inner, header.count * 2), (header, items) => $"{header.type}{header.count}\r\n{string.Concat(items)}")
            // An attribute belongs to the reply after it.
            .SelectMany(_ => scalar, (head, next) => head[0] == '|' ? head + next : head);
        return Gen.OneOf(scalar, scalar, aggregate, map);
    }

    sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
