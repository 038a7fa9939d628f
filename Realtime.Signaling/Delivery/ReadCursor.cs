namespace Realtime.Signaling.Delivery;

/// <summary>How far one connection has been served in one channel. Belongs to the connection's lanes and is guarded by their lock.</summary>
public class ReadCursor(string channel, long position)
{
    public string Channel => channel;

    /// <summary>The last event written to the connection, or waiting in its durable lane.</summary>
    public long Position { get; set; } = position;

    /// <summary>True: events are pushed as they happen. False: the reader is behind and pulls.</summary>
    public bool Live { get; set; }
}
