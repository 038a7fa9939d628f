namespace Realtime.Media.Peers;

/// <summary>What leaves for a subscriber, by how it is treated when its link is slow.</summary>
enum SentKind : byte
{
    /// <summary>Leaves at once.</summary>
    Audio,
    /// <summary>Waits for its turn.</summary>
    Video,
    /// <summary>Sent again, or padding: leaves at once as long as there is not too much of it.</summary>
    Repair,
}
