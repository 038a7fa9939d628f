using System.Buffers;
using System.Text;
using StackExchange.Redis.Resp;
using Xunit;

namespace Realtime.Tests.Minimal.Redis;

/// <summary>Known answers of the RESP3 specification, and what must be refused.</summary>
public sealed class RespReaderTests
{
    [Theory]
    [InlineData("+OK\r\n", "SimpleString:OK")]
    [InlineData("-ERR unknown command 'asdf'\r\n", "Error:ERR unknown command 'asdf'")]
    [InlineData("!21\r\nSYNTAX invalid syntax\r\n", "Error:SYNTAX invalid syntax")]
    [InlineData(":0\r\n", "Integer:0")]
    [InlineData(":-9223372036854775808\r\n", "Integer:-9223372036854775808")]
    [InlineData(":+12\r\n", "Integer:12")]
    [InlineData("$5\r\nhello\r\n", "BulkString:hello")]
    [InlineData("$0\r\n\r\n", "BulkString:")]
    [InlineData("$4\r\n\r\n\r\n\r\n", "BulkString:\r\n\r\n")]
    [InlineData("$-1\r\n", "Null")]
    [InlineData("*-1\r\n", "Null")]
    [InlineData("_\r\n", "Null")]
    [InlineData("=15\r\ntxt:Some string\r\n", "BulkString:Some string")]
    [InlineData(",1.23\r\n", "Double:1.23")]
    [InlineData(",10\r\n", "Double:10")]
    [InlineData(",-inf\r\n", "Double:-inf")]
    [InlineData("#t\r\n", "Boolean:1")]
    [InlineData("#f\r\n", "Boolean:0")]
    [InlineData("(3492890328409238509324850943850943825024385\r\n", "BigNumber:3492890328409238509324850943850943825024385")]
    [InlineData("*0\r\n", "Array[]")]
    [InlineData("*2\r\n$5\r\nhello\r\n:1\r\n", "Array[BulkString:hello Integer:1]")]
    [InlineData("*2\r\n*1\r\n:1\r\n*0\r\n", "Array[Array[Integer:1] Array[]]")]
    [InlineData("%2\r\n+first\r\n:1\r\n+second\r\n_\r\n", "Map[SimpleString:first Integer:1 SimpleString:second Null]")]
    [InlineData("~2\r\n+a\r\n+b\r\n", "Set[SimpleString:a SimpleString:b]")]
    [InlineData(">3\r\n+message\r\n+ch\r\n$1\r\nx\r\n", "Push[SimpleString:message SimpleString:ch BulkString:x]")]
    [InlineData("|1\r\n+ttl\r\n:3600\r\n*1\r\n:7\r\n", "Array[Integer:7]")]
    [InlineData("*2\r\n|1\r\n+k\r\n*1\r\n+v\r\n:1\r\n:2\r\n", "Array[Integer:1 Integer:2]")]
    [InlineData("|0\r\n:5\r\n", "Integer:5")]
    public void Decodes(string wire, string expected)
    {
        var reader = new RespReader(RespLimits.Default);
        var buffer = Sequence(wire);
        Assert.Equal(RespStatus.Value, reader.TryRead(ref buffer, out var value));
        Assert.Equal(expected, RespText.Of(value));
        Assert.True(buffer.IsEmpty);
        Assert.Equal(RespStatus.NeedMore, reader.TryRead(ref buffer, out _));
    }

    [Theory]
    [InlineData("x\r\n")]
    [InlineData("\r\n")]
    [InlineData(":1\n")]
    [InlineData(":\r\n")]
    [InlineData(":1x\r\n")]
    [InlineData(":9223372036854775808\r\n")]
    [InlineData(",x\r\n")]
    [InlineData("#x\r\n")]
    [InlineData("_x\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("$x\r\n")]
    [InlineData("$2\r\nabc\r\n")]
    [InlineData("$1048577\r\n")]
    [InlineData("=3\r\nabc\r\n")]
    [InlineData("*-2\r\n")]
    [InlineData("*101\r\n")]
    [InlineData("%51\r\n")]
    [InlineData("*60\r\n*60\r\n")]
    [InlineData("*9223372036854775807\r\n")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n")]
    [InlineData("$?\r\n")]
    public void RefusesWhatIsNoReplyOrTooMuch(string wire)
    {
        var reader = new RespReader(new RespLimits(MaxDepth: 4, MaxBulkBytes: 1 << 20, MaxReplyBytes: 1 << 20, MaxElements: 100, MaxLineBytes: 64));
        var buffer = Sequence(wire);
        Assert.Equal(RespStatus.Malformed, reader.TryRead(ref buffer, out _));
        Assert.NotNull(reader.Error);
        // Once lost, it stays lost.
        buffer = Sequence(":1\r\n");
        Assert.Equal(RespStatus.Malformed, reader.TryRead(ref buffer, out _));
    }

    [Fact]
    public void RefusesALineWithoutEnd()
    {
        var reader = new RespReader(new RespLimits(MaxLineBytes: 64));
        var buffer = Sequence("+" + new string('a', 63));
        Assert.Equal(RespStatus.NeedMore, reader.TryRead(ref buffer, out _));
        buffer = Sequence("+" + new string('a', 64));
        Assert.Equal(RespStatus.Malformed, reader.TryRead(ref buffer, out _));
    }

    [Fact]
    public void RefusesAReplyWhoseBulksAreTooLongTogether()
    {
        var reader = new RespReader(new RespLimits(MaxBulkBytes: 8, MaxReplyBytes: 10));
        var buffer = Sequence("*2\r\n$6\r\nabcdef\r\n$6\r\nabcdef\r\n");
        Assert.Equal(RespStatus.Malformed, reader.TryRead(ref buffer, out _));
        // The budget is per reply.
        reader = new RespReader(new RespLimits(MaxBulkBytes: 8, MaxReplyBytes: 10));
        buffer = Sequence("$6\r\nabcdef\r\n$6\r\nabcdef\r\n");
        Assert.Equal(RespStatus.Value, reader.TryRead(ref buffer, out _));
        Assert.Equal(RespStatus.Value, reader.TryRead(ref buffer, out _));
    }

    [Fact]
    public void WritesCommandsAsArraysOfBulkStrings()
    {
        var output = new ArrayBufferWriter<byte>();
        RespWriter.WriteCommand(output, "SET", ["kéy", new byte[] { 0, 13, 10 }, 42, -1.5, double.PositiveInfinity]);
        Assert.Equal(
            "*6\r\n$3\r\nSET\r\n$4\r\nkéy\r\n$3\r\n\0\r\n\r\n$2\r\n42\r\n$4\r\n-1.5\r\n$4\r\n+inf\r\n",
            Encoding.UTF8.GetString(output.WrittenSpan));
    }

    static ReadOnlySequence<byte> Sequence(string wire) => new(Encoding.UTF8.GetBytes(wire));
}
