using Realtime.Media.Core;
using Xunit;

namespace Realtime.Tests.Media.Core;

public class SpanReaderTests
{
    [Fact]
    public void WhatIsWrittenIsRead()
    {
        var buffer = new byte[32];
        var writer = new SpanWriter(buffer);
        writer.Byte(1);
        writer.UInt16(0x0203);
        writer.UInt24(0x040506);
        writer.UInt32(0x0708090A);
        writer.UInt64(0x0B0C0D0E0F101112);
        writer.Bytes([0x13, 0x14]);
        writer.Zero(2);
        Assert.False(writer.Overflowed);
        Assert.Equal("0102030405060708090A0B0C0D0E0F10111213140000", Convert.ToHexString(writer.Written));

        var reader = new SpanReader(writer.Written);
        Assert.True(reader.TryReadByte(out var one));
        Assert.True(reader.TryReadUInt16(out var two));
        Assert.True(reader.TryReadUInt24(out var three));
        Assert.True(reader.TryReadUInt32(out var four));
        Assert.True(reader.TryReadUInt64(out var eight));
        Assert.True(reader.TryReadBytes(2, out var bytes));
        Assert.Equal((1, 0x0203, 0x040506u, 0x0708090Au, 0x0B0C0D0E0F101112ul), (one, two, three, four, eight));
        Assert.Equal([0x13, 0x14], bytes.ToArray());
        Assert.Equal(2, reader.Remaining);
        Assert.True(reader.TrySkip(2));
        Assert.False(reader.TryReadByte(out _));
    }

    [Fact]
    public void NothingIsReadPastTheEnd()
    {
        var reader = new SpanReader([1, 2, 3]);
        Assert.False(reader.TryReadUInt32(out _));
        Assert.False(reader.TryReadUInt64(out _));
        Assert.False(reader.TryReadBytes(4, out _));
        Assert.False(reader.TryReadBytes(-1, out _));
        Assert.Equal(3, reader.Remaining);
        Assert.True(reader.TryReadUInt24(out var value));
        Assert.Equal(0x010203u, value);
    }

    [Fact]
    public void NothingIsWrittenAfterAnOverflow()
    {
        var buffer = new byte[3];
        var writer = new SpanWriter(buffer);
        writer.UInt16(0xAAAA);
        writer.UInt16(0xBBBB);
        writer.Byte(0xCC);
        Assert.True(writer.Overflowed);
        Assert.Equal([0xAA, 0xAA, 0], buffer);
    }
}
