using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Rtp;

public sealed class RedPayloadTests
{
    [Theory]
    // Nothing repeated; one frame of two bytes repeated; two.
    [InlineData("6F0102", 1)]
    [InlineData("EF000002" + "6F" + "AAAA" + "0102", 7)]
    [InlineData("EF000002" + "EF000001" + "6F" + "AAAABB" + "0102", 12)]
    // A new frame of nothing (DTX).
    [InlineData("EF000002" + "6F" + "AAAA", 7)]
    public void TheNewFrameIsFound(string payload, int offset)
    {
        var bytes = Convert.FromHexString(payload);
        Assert.True(RedPayload.TryReadPrimary(bytes, out var primary, out var type));
        Assert.Equal((offset, new PayloadType(111)), (primary, type));
        RedPayload.SetTypes(bytes, new PayloadType(96));
        Assert.True(RedPayload.TryReadPrimary(bytes, out primary, out type));
        Assert.Equal((offset, new PayloadType(96)), (primary, type));
        Assert.Equal(payload.Replace("6F", "60").Replace("EF", "E0"), Convert.ToHexString(bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("EF0000")]
    [InlineData("EF000002")]
    [InlineData("EF0003FF" + "6F" + "AAAA")]
    public void WhatDoesNotAddUpIsRefused(string payload) => Assert.False(RedPayload.TryReadPrimary(Convert.FromHexString(payload), out _, out _));

    [Fact]
    public void AnyBytesAreReadOrRefused() => RandomInput.Check(RandomInput.Bytes(60), bytes =>
    {
        if (!RedPayload.TryReadPrimary(bytes, out var offset, out _)) return;
        Assert.InRange(offset, 1, bytes.Length);
        RedPayload.SetTypes(bytes, new PayloadType(1));
    }, count: 3000);
}
