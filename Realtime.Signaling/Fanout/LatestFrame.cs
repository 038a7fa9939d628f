namespace Realtime.Signaling.Fanout;

/// <summary>Something that a channel's readers are told of which only the newest per key matters.</summary>
sealed record LatestFrame(string Key, ReadOnlyMemory<byte> Frame)
{
    /// <summary>Not 0: a change of the members, for those who have followed them since before it.</summary>
    public long Change { get; init; }

    /// <summary>Who is not told.</summary>
    public Func<ConnectionLanes, bool>? Except { get; init; }

    public bool IsFor(FeedSubscription reader) => (Change == 0 || Change > reader.FollowsSince) && (Except is null || !Except(reader.Lanes));
}

/// <summary>Several of them, put together once for all readers who are told all.</summary>
sealed class LatestFrames(IReadOnlyList<LatestFrame> frames)
{
    readonly ReadOnlyMemory<byte> _joined = frames.Count == 1 ? frames[0].Frame : HubFrames.Concatenate([.. frames.Select(static one => one.Frame)]);

    public void SendTo(FeedSubscription reader)
    {
        var told = 0;
        foreach (var one in frames)
            told += one.IsFor(reader) ? 1 : 0;
        if (told == frames.Count)
            reader.Lanes.SendLatest(frames, _joined);
        else if (told > 0)
        {
            foreach (var one in frames)
            {
                if (one.IsFor(reader))
                    reader.Lanes.SendLatest(one.Key, one.Frame);
            }
        }
    }
}
