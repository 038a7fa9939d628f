using System.Buffers;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Hub frames as SignalR's JSON protocol writes them, encoded once for all readers:
/// <c>{"type":1,"target":"…","arguments":[…]}</c> and the record separator 0x1E.
/// </summary>
public static class HubFrames
{
    const byte RecordSeparator = 0x1e;

    static readonly byte[] MessagePrefix = Prefix(HubEvent.MessageCreated);
    static readonly byte[] Suffix = [(byte)']', (byte)'}', RecordSeparator];

    /// <summary>SignalR's Close: the client knows that this was meant, and whether to come back.</summary>
    public static ReadOnlyMemory<byte> Close(bool reconnect) =>
        reconnect ? "{\"type\":7,\"allowReconnect\":true}\u001e"u8.ToArray() : "{\"type\":7}\u001e"u8.ToArray();

    public static ReadOnlyMemory<byte> Encode(string target, object payload) =>
        Join(Prefix(target), JsonSerializer.SerializeToUtf8Bytes(payload, payload.GetType(), ContractsJson.Options));

    /// <param name="json">The payload as JSON; copied.</param>
    public static ReadOnlyMemory<byte> Encode(string target, ReadOnlySpan<byte> json) => Join(Prefix(target), json);

    public static ChannelEvent MessageCreated(Message message) =>
        MessageCreated(message.Epoch, message.Seq, JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Options));

    /// <param name="json">A <see cref="Message"/> as JSON; copied.</param>
    public static ChannelEvent MessageCreated(long epoch, long seq, ReadOnlySpan<byte> json)
    {
        var frame = Join(MessagePrefix, json);
        return new ChannelEvent(epoch, seq, frame, frame.AsMemory(MessagePrefix.Length, json.Length));
    }

    public static Message ReadMessage(ChannelEvent created) => JsonSerializer.Deserialize<Message>(created.Payload.Span, ContractsJson.Options)!;

    static byte[] Prefix(string target)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("{\"type\":1,\"target\":"u8);
        buffer.Write(JsonSerializer.SerializeToUtf8Bytes(target));
        buffer.Write(",\"arguments\":["u8);
        return buffer.WrittenSpan.ToArray();
    }

    static byte[] Join(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> json)
    {
        var frame = new byte[prefix.Length + json.Length + Suffix.Length];
        prefix.CopyTo(frame);
        json.CopyTo(frame.AsSpan(prefix.Length));
        Suffix.CopyTo(frame.AsSpan(prefix.Length + json.Length));
        return frame;
    }
}
