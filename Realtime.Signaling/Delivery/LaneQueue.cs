using System.Diagnostics.CodeAnalysis;

namespace Realtime.Signaling.Delivery;

/// <summary>
/// What waits for one connection's socket, in three lanes. Control (answers, room events, closing) goes first and is never dropped; durable (channel events) can be
/// pulled again, so it is emptied when it overflows; ephemeral keeps the newest frame per key. Not thread-safe.
/// </summary>
public sealed class LaneQueue
{
    /// <summary>Above this the connection's own calls wait for their answers to leave.</summary>
    public const int ControlPauseBytes = 64 * 1024;

    /// <summary>Above this the reader is given up: nothing in this lane may be lost.</summary>
    public const int ControlLimitBytes = 1024 * 1024;

    public const int DurableLimitEvents = 1000;
    public const int DurableLimitBytes = 512 * 1024;

    /// <summary>Keys in the ephemeral lane; the oldest goes when another comes.</summary>
    public const int EphemeralLimit = 64;

    readonly record struct Waiting(ReadCursor Cursor, long Seq, ReadOnlyMemory<byte> Frame);

    readonly Queue<ReadOnlyMemory<byte>> _control = [];
    readonly Queue<Waiting> _durable = [];
    readonly OrderedDictionary<string, ReadOnlyMemory<byte>> _ephemeral = [];
    int _durableBytes;

    public int ControlBytes { get; private set; }

    public bool IsEmpty => _control.Count == 0 && _durable.Count == 0 && _ephemeral.Count == 0;

    public int DurableCount => _durable.Count;

    /// <summary>False: the lane is full and the connection must be closed.</summary>
    public bool TryAddControl(ReadOnlyMemory<byte> frame)
    {
        if (ControlBytes + frame.Length > ControlLimitBytes && _control.Count > 0)
            return false;
        _control.Enqueue(frame);
        ControlBytes += frame.Length;
        return true;
    }

    /// <summary>False: the lane is full; <see cref="DropDurable"/> and let the reader pull.</summary>
    public bool TryAddDurable(ReadCursor cursor, long seq, ReadOnlyMemory<byte> frame)
    {
        if (_durable.Count >= DurableLimitEvents || _durableBytes + frame.Length > DurableLimitBytes)
            return false;
        _durable.Enqueue(new Waiting(cursor, seq, frame));
        _durableBytes += frame.Length;
        return true;
    }

    public void SetEphemeral(string key, ReadOnlyMemory<byte> frame)
    {
        _ephemeral.Remove(key);
        if (_ephemeral.Count >= EphemeralLimit)
            _ephemeral.RemoveAt(0);
        _ephemeral.Add(key, frame);
    }

    /// <summary>Empties the durable lane and moves its readers back to before what was dropped. They are no longer live.</summary>
    /// <returns>The readers concerned, each once.</returns>
    public IReadOnlyCollection<ReadCursor> DropDurable()
    {
        var concerned = new HashSet<ReadCursor>();
        while (_durable.TryDequeue(out var waiting))
        {
            if (concerned.Add(waiting.Cursor))
                waiting.Cursor.Position = waiting.Seq - 1;
            waiting.Cursor.Live = false;
        }
        _durableBytes = 0;
        return concerned;
    }

    public void DropEphemeral() => _ephemeral.Clear();

    /// <summary>The next frame to write: control, then durable, then ephemeral.</summary>
    public bool TryTake([MaybeNullWhen(false)] out ReadOnlyMemory<byte> frame)
    {
        if (_control.TryDequeue(out frame))
        {
            ControlBytes -= frame.Length;
            return true;
        }
        if (_durable.TryDequeue(out var waiting))
        {
            frame = waiting.Frame;
            _durableBytes -= frame.Length;
            return true;
        }
        if (_ephemeral.Count == 0)
            return false;
        frame = _ephemeral.GetAt(0).Value;
        _ephemeral.RemoveAt(0);
        return true;
    }
}
