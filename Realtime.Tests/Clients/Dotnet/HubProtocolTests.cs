using System.Text;
using Realtime.Client;
using Realtime.Client.Connection;
using Realtime.Contracts;
using Xunit;

namespace Realtime.Tests.Clients.Dotnet;

public sealed class HubProtocolTests
{
    [Fact]
    public void Messages_are_what_stands_before_each_separator()
    {
        var received = Encoding.UTF8.GetBytes("one\u001etwo\u001ethr");
        Assert.True(HubProtocol.TryTake(received, out var message, out var rest));
        Assert.Equal("one"u8, message.Span);
        Assert.True(HubProtocol.TryTake(rest, out message, out rest));
        Assert.Equal("two"u8, message.Span);
        Assert.False(HubProtocol.TryTake(rest, out _, out rest));
        Assert.Equal("thr"u8, rest.Span);
    }

    [Fact]
    public void A_call_is_one_message() => Assert.Equal(
        """{"type":1,"invocationId":"7","target":"Typing","arguments":[{"channel":"lobby"}]}""" + '\u001e',
        Encoding.UTF8.GetString(HubProtocol.Invoke("7", "Typing", new TypingRequest("lobby"))));

    [Theory]
    [InlineData("""An unexpected error occurred invoking 'X' on the server. HubException: {"code":"rateLimited","message":"Slower.","retryAfterMs":1500,"scope":"messages"}""", "rateLimited", true)]
    [InlineData("""{"code":"invalid","message":"No.","field":"text"}""", "invalid", false)]
    [InlineData("""{"code":"conflict","message":"Again.","retryAfterMs":100}""", "conflict", true)]
    [InlineData("""{"code":"conflict","message":"No."}""", "conflict", false)]
    [InlineData("The connection {was} lost.", "unknownOutcome", true)]
    [InlineData("{\"code\":", "unknownOutcome", true)]
    public void Errors_are_typed(string text, string code, bool retryable)
    {
        var error = RealtimeException.Parse(text);
        Assert.Equal((code, retryable), (error.Code, error.IsRetryable));
    }

    [Theory]
    [InlineData("https://realtime.example", "wss://realtime.example/hub", "https://realtime.example/api/")]
    [InlineData("http://127.0.0.1:5180/", "ws://127.0.0.1:5180/hub", "http://127.0.0.1:5180/api/")]
    [InlineData("https://example.com/realtime/hub", "wss://example.com/realtime/hub", "https://example.com/realtime/api/")]
    public void The_hub_and_the_api_stand_beside_each_other(string server, string hub, string api) =>
        Assert.Equal((new Uri(hub), new Uri(api)), (HubAddress.Of(new Uri(server)), HubAddress.Api(new Uri(server))));

    [Fact]
    public void A_message_may_come_in_any_pieces_and_not_without_an_end()
    {
        var buffer = new ReceiveBuffer();
        var message = new byte[100_000];
        message.AsSpan().Fill((byte)'x');
        foreach (var piece in message.Chunk(1000))
        {
            piece.CopyTo(buffer.Room());
            buffer.Advance(piece.Length);
        }
        Assert.Equal(message, buffer.Received.ToArray());
        buffer.Keep(10);
        Assert.Equal(10, buffer.Received.Length);
        Assert.Throws<InvalidDataException>(() =>
        {
            for (var i = 0; i < 1000; i++)
                buffer.Advance(buffer.Room().Length);
        });
    }
}
