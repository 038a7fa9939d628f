using StackExchange.Redis;
using Xunit;

namespace Realtime.Tests.Minimal.Redis;

public sealed class RedisValueTests
{
    [Fact]
    public void EqualIsWhatIsEqualOnTheWire()
    {
        RedisValue[] ones = [1, 1L, "1", new byte[] { (byte)'1' }, 1.0, true, "x1"u8.ToArray().AsMemory(1)];
        foreach (var one in ones)
        {
            Assert.All(ones, other => Assert.Equal(one, other));
            Assert.Equal(ones[0].GetHashCode(), one.GetHashCode());
            Assert.Equal("1", one.ToString());
            Assert.Equal((1L, 1, 1.0, true), ((long)one, (int)one, (double)one, (bool)one));
            Assert.Equal("1"u8.ToArray(), (byte[]?)one);
            Assert.Equal(1, one.Length());
        }
        Assert.NotEqual(RedisValue.Null, RedisValue.EmptyString);
        Assert.NotEqual(RedisValue.Null, 0);
    }

    [Fact]
    public void NullIsNullAndZero()
    {
        RedisValue none = (string?)null;
        Assert.True(none.IsNull && none.IsNullOrEmpty && !none.HasValue);
        Assert.Null((string?)none);
        Assert.Null((byte[]?)none);
        Assert.Null((long?)none);
        Assert.Equal(0, (long)none);
        Assert.True(((RedisValue)"").IsNullOrEmpty);
        Assert.False(((RedisValue)0).IsNullOrEmpty);
    }

    [Fact]
    public void WhatIsNoNumberIsNotReadAsOne()
    {
        Assert.False(((RedisValue)"1x").TryParse(out long _));
        Assert.False(((RedisValue)1.5).TryParse(out long _));
        Assert.False(((RedisValue)(1L << 40)).TryParse(out int _));
        Assert.Throws<InvalidCastException>(() => (long)(RedisValue)"x");
        Assert.True(((RedisValue)"-inf").TryParse(out double number) && double.IsNegativeInfinity(number));
    }
}
