using Realtime.Contracts;
using Realtime.Signaling.Fanout;
using Xunit;

namespace Realtime.Tests.Signaling.Fanout;

public sealed class WebSocketFrameTests
{
    [Theory]
    [InlineData(0, new byte[] { 0x81, 0 })]
    [InlineData(125, new byte[] { 0x81, 125 })]
    [InlineData(126, new byte[] { 0x81, 126, 0, 126 })]
    [InlineData(65_535, new byte[] { 0x81, 126, 255, 255 })]
    [InlineData(65_536, new byte[] { 0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0 })]
    public void Heads_are_the_shortest_there_are(int length, byte[] head)
    {
        var written = new byte[WebSocketFrame.MaxHeader];
        Assert.Equal(head.Length, WebSocketFrame.HeaderLength(length));
        Assert.Equal(head, written[..WebSocketFrame.WriteHeader(written, length)]);
    }

    [Fact]
    public void A_hub_frame_is_one_message_byte_for_byte()
    {
        var json = "{\"type\":1,\"target\":\"typing\",\"arguments\":[7]}\u001e"u8.ToArray();
        Assert.Equal([0x81, (byte)json.Length, .. json], HubFrames.Encode(HubEvent.Typing, 7).ToArray());
        json = "{\"type\":7,\"allowReconnect\":true}\u001e"u8.ToArray();
        Assert.Equal([0x81, (byte)json.Length, .. json], HubFrames.Close(reconnect: true).ToArray());
        Assert.Equal([0x81, 11, .. "{\"type\":7}\u001e"u8], HubFrames.Close(reconnect: false).ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(70_000)]
    public void An_events_payload_is_its_record(int length)
    {
        var text = new string('x', length);
        var told = HubFrames.MessageCreated(new Message("general", 1, 1, "id", "ann", "Ann", text, DateTimeOffset.UnixEpoch, "c"));
        Assert.Equal(text, HubFrames.Read<Message>(told).Text);
        Assert.Single(ServerFrames.All(told.Frame));
    }
}
