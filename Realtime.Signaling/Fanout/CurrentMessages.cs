using Realtime.Contracts;
using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Fanout;

/// <summary>Messages as they stand now, made from events in memory.</summary>
public static class CurrentMessages
{
    /// <summary>The last <paramref name="max"/> messages.</summary>
    /// <inheritdoc cref="FirstOf"/>
    public static List<Message> LastOf(IReadOnlyList<ChannelEvent> events, int max)
    {
        var start = events.Count;
        for (var found = 0; start > 0 && found < max; start--)
        {
            if (events[start - 1].Kind == ChannelEventKind.Created)
                found++;
        }
        return FirstOf(events.Skip(start), max);
    }

    /// <summary>The first <paramref name="max"/> messages.</summary>
    /// <param name="events">Without holes up to the channel's head: then whoever finds a message here finds all its changes here too.</param>
    public static List<Message> FirstOf(IEnumerable<ChannelEvent> events, int max)
    {
        var messages = new List<Message>();
        var at = new Dictionary<long, int>();
        foreach (var next in events)
        {
            if (next.Kind == ChannelEventKind.Created)
            {
                if (messages.Count == max)
                    continue;
                at[next.Seq] = messages.Count;
                messages.Add(HubFrames.Read<Message>(next));
            }
            else if (at.TryGetValue(next.MessageSeq, out var index))
                messages[index] = Changed(messages[index], next);
        }
        return messages;
    }

    static Message Changed(Message message, ChannelEvent change)
    {
        if (change.Kind == ChannelEventKind.Deleted)
            return message with { Text = "", Mentions = null, Attachments = null, Embeds = null, ReplyTo = null, EditedAt = null, Deleted = true };
        if (message.Deleted == true)
            return message;
        var update = HubFrames.Read<MessageUpdatedEvent>(change);
        return message with { Text = update.Text, EditedAt = update.EditedAt };
    }
}
