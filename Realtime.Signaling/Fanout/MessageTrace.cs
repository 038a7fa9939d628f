using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Realtime.ServiceDefaults.Telemetry;
using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// A message's way as one trace: <c>message.send</c> where it came in, <c>message.append</c> for the batch it was stored with, <c>message.deliver</c> on every replica that has
/// readers. The trace's id is made of the message's, so that replicas need not tell each other anything, and whoever has a message finds its trace: the id's second half,
/// then its first (which is the time, and samplers go by the beginning).
/// </summary>
static class MessageTrace
{
    const string Channel = "realtime.channel";
    const string Seq = "realtime.seq";

    static ActivitySource Source => RealtimeTelemetry.Signaling.Activities;

    /// <summary>From the check to the answer.</summary>
    public static Activity? Send(string message, string channel)
    {
        if (!Source.HasListeners() || !TryContextOf(message, out var context))
            return null;
        var caller = Activity.Current?.Context;
        return Source.StartActivity(ActivityKind.Producer, context, [new(Channel, channel)], caller is { } call ? [new ActivityLink(call)] : null, name: "message.send");
    }

    /// <summary>What is told of it when it has its number.</summary>
    public static void Stored(Activity? sending, long seq, bool duplicate)
    {
        sending?.SetTag(Seq, seq);
        if (duplicate)
            sending?.SetTag("realtime.duplicate", true);
    }

    /// <summary>One transaction for all that waited: in the trace of its first message, and linked from there to the others'.</summary>
    public static Activity? Append(string channel, IEnumerable<string> messages)
    {
        if (!Source.HasListeners())
            return null;
        List<ActivityContext> contexts = [];
        foreach (var message in messages)
        {
            if (TryContextOf(message, out var context))
                contexts.Add(context);
        }
        return contexts.Count == 0
            ? null
            : Source.StartActivity(ActivityKind.Client, contexts[0], [new(Channel, channel), new("realtime.batch", contexts.Count)], contexts.Skip(1).Select(static other => new ActivityLink(other)), name: "message.append");
    }

    /// <summary>From the first to the last reader on this replica. Null: nobody listens.</summary>
    public static Delivery? Deliver(string channel, IReadOnlyList<ChannelEvent> events, int readers)
    {
        if (!Source.HasListeners() || readers == 0)
            return null;
        var current = Activity.Current;
        List<Activity> spans = [];
        foreach (var told in events)
        {
            if (told.Kind != ChannelEventKind.Created || !TryReadId(told.Payload.Span, out var message) || !TryContextOf(message, out var context))
                continue;
            if (Source.StartActivity(ActivityKind.Consumer, context, [new(Channel, channel), new(Seq, told.Seq), new("realtime.readers", readers)], name: "message.deliver") is { } span)
                spans.Add(span);
        }
        // They run side by side, none inside the other.
        Activity.Current = current;
        return spans.Count == 0 ? null : new Delivery(spans, current);
    }

    /// <summary>Deliveries under way; they end together.</summary>
    public sealed class Delivery(IReadOnlyList<Activity> spans, Activity? before) : IDisposable
    {
        public void Dispose()
        {
            foreach (var span in spans)
                span.Dispose();
            Activity.Current = before;
        }
    }

    /// <summary>Where the spans of a message hang; false: its id is not one of ours.</summary>
    internal static bool TryContextOf(string message, out ActivityContext context)
    {
        context = default;
        if (!Guid.TryParseExact(message, "D", out var id))
            return false;
        var text = id.ToString("N", CultureInfo.InvariantCulture).AsSpan();
        var random = text[16..];
        Span<char> trace = stackalloc char[32];
        random.CopyTo(trace);
        text[..16].CopyTo(trace[16..]);
        context = new ActivityContext(ActivityTraceId.CreateFromString(trace), ActivitySpanId.CreateFromString(random), ActivityTraceFlags.Recorded, isRemote: true);
        return true;
    }

    static bool TryReadId(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out string? id)
    {
        var reader = new Utf8JsonReader(payload);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                continue;
            var found = reader.ValueTextEquals("id"u8);
            reader.Read();
            if (found)
            {
                id = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                return id is not null;
            }
            reader.Skip();
        }
        id = null;
        return false;
    }
}
