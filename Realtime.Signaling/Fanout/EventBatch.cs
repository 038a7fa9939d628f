using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Fanout;

/// <summary>Events of one channel that follow each other, and their frames one behind the other: put together once for all readers.</summary>
public sealed class EventBatch
{
    readonly IReadOnlyList<ChannelEvent> _events;

    /// <param name="events">At least one; in order.</param>
    public EventBatch(IReadOnlyList<ChannelEvent> events)
    {
        _events = events;
        Frames = events.Count == 1 ? events[0].Frame : Join(events);
    }

    public IReadOnlyList<ChannelEvent> Events => _events;

    public long First => _events[0].Seq;

    public long Last => _events[^1].Seq;

    public ReadOnlyMemory<byte> Frames { get; }

    static byte[] Join(IReadOnlyList<ChannelEvent> events)
    {
        var frames = new byte[events.Sum(static one => one.Frame.Length)];
        var at = 0;
        foreach (var one in events)
        {
            one.Frame.CopyTo(frames.AsMemory(at));
            at += one.Frame.Length;
        }
        return frames;
    }
}
