using System.Text;
using Realtime.Contracts;
using Realtime.Signaling.People;
using Xunit;

namespace Realtime.Tests.Signaling.People;

public class UserEventTests
{
    [Fact]
    public void What_the_outbox_holds_reads_back()
    {
        var one = UserEvent.Of("ann", HubEvent.Friend, new FriendEvent("bob", "B\"o\u0000b", FriendState.Friends, DateTimeOffset.UnixEpoch), "id-1");
        Assert.True(UserEvent.TryReadOutbox("ann", one.ToOutbox(), out var read));
        Assert.Equal((one.Id, one.User, one.Name, Encoding.UTF8.GetString(one.Payload.Span)), (read.Id, read.User, read.Name, Encoding.UTF8.GetString(read.Payload.Span)));
        Assert.DoesNotContain('\0', one.ToOutbox());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":"x","event":"friend"}""")]
    [InlineData("""{"id":5,"event":"friend","payload":{}}""")]
    [InlineData("""{"id":"x","event":"","payload":{}}""")]
    public void What_is_none_does_not_throw(string? payload) => Assert.False(UserEvent.TryReadOutbox("ann", payload, out _));

    [Fact]
    public void News_between_replicas_read_back_and_nothing_else_does()
    {
        var written = UserNewsFormat.Write("boot", "id", null, "ann@x", "friend", "{\"a\":\"b c\\n\"}"u8);
        Assert.True(UserNewsFormat.TryRead(written, out var read));
        Assert.Equal(("boot", "id", null, "ann@x", "friend", "{\"a\":\"b c\\n\"}"), (read.Boot, read.Id, read.Key, read.User, read.Name, Encoding.UTF8.GetString(read.Payload.Span)));
        foreach (var wrong in new[] { "", "\n", "1\n", "2 a b c d e\n{}", "1 a b c d e", "1  b c d e\n{}", "1 a b c d e f\n{}", new string('x', 2000) + "\n" })
            Assert.False(UserNewsFormat.TryRead(Encoding.UTF8.GetBytes(wrong), out _), wrong);
    }

    [Fact]
    public void Random_bytes_do_not_throw()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = UserNewsFormat.Write("boot", "id", "key", "ann", "friend", "{}"u8);
            for (var n = random.Next(1, 6); n > 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _ = UserNewsFormat.TryRead(bytes.AsMemory(0, random.Next(bytes.Length + 1)), out _);
        }
    }

    [Fact]
    public void Recent_ids_are_remembered_and_old_ones_forgotten()
    {
        var ids = new RecentIds();
        Assert.True(ids.TryAdd("first"));
        for (var i = 0; i < RecentIds.Kept; i++)
            Assert.True(ids.TryAdd($"{i}"));
        Assert.False(ids.TryAdd("first"));
        Assert.False(ids.TryAdd($"{RecentIds.Kept - 1}"));
        for (var i = 0; i < RecentIds.Kept * 2; i++)
            ids.TryAdd($"x{i}");
        Assert.True(ids.TryAdd("first"));
    }
}
