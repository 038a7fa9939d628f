using Realtime.Contracts;

namespace Realtime.Signaling.Delivery;

/// <summary>What a channel looks like to a client that comes back.</summary>
/// <param name="Head">The last sequence number.</param>
/// <param name="First">The oldest event that still exists; <c>Head + 1</c> when there is none.</param>
public readonly record struct ChannelExtent(long Epoch, long Head, long First);

/// <summary>Decides what a returning client receives in one channel: exactly what it missed, or a plain word that this is gone.</summary>
public static class ResumePlan
{
    /// <returns>The entry of <c>resumed</c>; its <c>From - 1</c> is where the replay starts.</returns>
    public static ResumedChannel For(Position position, ChannelExtent extent)
    {
        var otherEpoch = position.Epoch is { } epoch && epoch != extent.Epoch;
        // Ahead of us: the channel was restored from a backup and its numbers mean something else now.
        if (otherEpoch || position.Seq > extent.Head || position.Seq < 0)
            return new ResumedChannel(position.Channel, 1, extent.Head, TooOld: true);
        if (position.Seq + 1 < extent.First)
            return new ResumedChannel(position.Channel, position.Seq + 1, extent.First - 1, TooOld: true);
        return new ResumedChannel(position.Channel, position.Seq + 1, extent.Head);
    }

    /// <summary>The last event the client has, or that is lost to it: the replay goes on after it.</summary>
    public static long StartAfter(ResumedChannel resumed) => resumed.TooOld == true ? resumed.To : resumed.From - 1;
}
