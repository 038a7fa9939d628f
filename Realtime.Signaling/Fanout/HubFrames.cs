using System.Buffers;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Hub frames as SignalR's JSON protocol writes them, encoded once for all readers:
/// <c>{"type":1,"target":"…","arguments":[…]}</c> and the record separator 0x1E. Each is a WebSocket message of its own, its head included, so that frames one behind the
/// other are a piece of the stream as the client reads it.
/// </summary>
public static class HubFrames
{
    const byte RecordSeparator = 0x1e;

    /// <summary>By <see cref="ChannelEventKind"/>.</summary>
    static readonly byte[][] ChannelPrefixes = [Prefix(HubEvent.MessageCreated), Prefix(HubEvent.MessageUpdated), Prefix(HubEvent.MessageDeleted)];

    static readonly byte[] Suffix = [(byte)']', (byte)'}', RecordSeparator];

    /// <summary>SignalR's Close: the client knows that this was meant, and whether to come back.</summary>
    public static ReadOnlyMemory<byte> Close(bool reconnect) => Join([], reconnect ? "{\"type\":7,\"allowReconnect\":true"u8 : "{\"type\":7"u8, [(byte)'}', RecordSeparator]);

    public static ReadOnlyMemory<byte> Encode(string target, object payload) =>
        Join(Prefix(target), JsonSerializer.SerializeToUtf8Bytes(payload, payload.GetType(), ContractsJson.Options));

    /// <param name="json">The payload as JSON; copied.</param>
    public static ReadOnlyMemory<byte> Encode(string target, ReadOnlySpan<byte> json) => Join(Prefix(target), json);

    /// <summary>Several frames as one piece: a client takes them apart.</summary>
    public static ReadOnlyMemory<byte> Concatenate(IReadOnlyCollection<ReadOnlyMemory<byte>> frames)
    {
        var all = new ArrayBufferWriter<byte>(frames.Sum(static frame => frame.Length));
        foreach (var frame in frames)
            all.Write(frame.Span);
        return all.WrittenMemory;
    }

    public static ChannelEvent MessageCreated(Message message) =>
        Channel(ChannelEventKind.Created, message.Epoch, message.Seq, message.Seq, Json(message));

    public static ChannelEvent MessageUpdated(MessageUpdatedEvent update) =>
        Channel(ChannelEventKind.Updated, update.Epoch, update.Seq, update.MessageSeq, Json(update));

    public static ChannelEvent MessageDeleted(MessageDeletedEvent deletion) =>
        Channel(ChannelEventKind.Deleted, deletion.Epoch, deletion.Seq, deletion.MessageSeq, Json(deletion));

    public static ChannelEvent Stored(StoredEvent stored) => stored.Record switch
    {
        MessageUpdatedEvent update => MessageUpdated(update),
        MessageDeletedEvent deletion => MessageDeleted(deletion),
        _ => MessageCreated((Message)stored.Record),
    };

    /// <param name="json">The event's record as JSON; copied.</param>
    public static ChannelEvent Channel(ChannelEventKind kind, long epoch, long seq, long messageSeq, ReadOnlySpan<byte> json)
    {
        var frame = Join(ChannelPrefixes[(int)kind], json);
        return new ChannelEvent(epoch, seq, kind, messageSeq, frame, frame.AsMemory(frame.Length - Suffix.Length - json.Length, json.Length));
    }

    /// <summary>The event as it is told once its message was deleted.</summary>
    public static ChannelEvent Scrub(ChannelEvent told) => told.Kind switch
    {
        ChannelEventKind.Created => MessageCreated(Read<Message>(told) with { Text = "", Mentions = null, Attachments = null, Embeds = null, ReplyTo = null, Deleted = true }),
        ChannelEventKind.Updated => MessageUpdated(Read<MessageUpdatedEvent>(told) with { Text = "", Deleted = true }),
        _ => told,
    };

    /// <param name="told">Of the kind whose record is <typeparamref name="T"/>.</param>
    public static T Read<T>(ChannelEvent told) => JsonSerializer.Deserialize<T>(told.Payload.Span, ContractsJson.Options)!;

    static byte[] Json<T>(T record) => JsonSerializer.SerializeToUtf8Bytes(record, ContractsJson.Options);

    static byte[] Prefix(string target)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("{\"type\":1,\"target\":"u8);
        buffer.Write(JsonSerializer.SerializeToUtf8Bytes(target));
        buffer.Write(",\"arguments\":["u8);
        return buffer.WrittenSpan.ToArray();
    }

    static byte[] Join(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> json) => Join(prefix, json, Suffix);

    static byte[] Join(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> json, ReadOnlySpan<byte> suffix)
    {
        var payload = prefix.Length + json.Length + suffix.Length;
        var frame = new byte[WebSocketFrame.HeaderLength(payload) + payload];
        var rest = frame.AsSpan(WebSocketFrame.WriteHeader(frame, payload));
        prefix.CopyTo(rest);
        json.CopyTo(rest[prefix.Length..]);
        suffix.CopyTo(rest[(prefix.Length + json.Length)..]);
        return frame;
    }
}
