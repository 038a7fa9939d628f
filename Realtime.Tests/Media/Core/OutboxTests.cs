using Realtime.Media.Core;
using Xunit;

namespace Realtime.Tests.Media.Core;

public class OutboxTests
{
    static readonly NetAddress To = NetAddress.FromIPv4(0x7F000001, 9);

    [Fact]
    public void HoldsDatagramsInOrderUntilCleared()
    {
        var outbox = new Outbox(slabBytes: 64, maxDatagrams: 4);
        Assert.True(outbox.TrySend(To, [1, 2, 3]));
        Assert.True(outbox.TryReserve(20, out var buffer));
        buffer[0] = 9;
        outbox.Commit(To, 1);
        Assert.Equal(2, outbox.Count);
        Assert.Equal([1, 2, 3], outbox.Payload(outbox.Entries[0]).ToArray());
        Assert.Equal([9], outbox.Payload(outbox.Entries[1]).ToArray());
        Assert.Equal(4, outbox.UsedBytes);
        outbox.Clear();
        Assert.Equal((0, 0, 64), (outbox.Count, outbox.UsedBytes, outbox.FreeBytes));
    }

    [Fact]
    public void SaysNoWhenFull()
    {
        var bytes = new Outbox(slabBytes: 8, maxDatagrams: 4);
        Assert.False(bytes.TryReserve(9, out _));
        Assert.True(bytes.TrySend(To, new byte[8]));
        Assert.False(bytes.TrySend(To, [1]));

        var datagrams = new Outbox(slabBytes: 64, maxDatagrams: 2);
        Assert.True(datagrams.TrySend(To, [1]));
        Assert.True(datagrams.TrySend(To, [1]));
        Assert.False(datagrams.TrySend(To, [1]));
        Assert.Equal(2, datagrams.Count);
    }
}
