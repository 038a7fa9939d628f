namespace Realtime.Tests.Harness;

/// <summary>How a link misbehaves.</summary>
/// <param name="Delay">What each chunk waits, give or take <paramref name="Jitter"/>.</param>
/// <param name="BytesPerSecond">In each direction of each connection; 0: no limit.</param>
/// <param name="HoldsToServer">A black hole: nothing gets to the server.</param>
/// <param name="HoldsToClient">A black hole: nothing gets to the client.</param>
/// <param name="IsClosed">Connections are reset, new ones at once.</param>
public sealed record LinkFault(TimeSpan Delay = default, TimeSpan Jitter = default, int BytesPerSecond = 0, bool HoldsToServer = false, bool HoldsToClient = false, bool IsClosed = false)
{
    public static readonly LinkFault None = new();

    public static readonly LinkFault Closed = new(IsClosed: true);

    public static readonly LinkFault BlackHole = new(HoldsToServer: true, HoldsToClient: true);

    /// <summary>200 ms ± 100.</summary>
    public static readonly LinkFault Slow = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(100));

    public static readonly LinkFault Trickle = new(BytesPerSecond: 4096);

    internal bool Holds(bool toServer) => toServer ? HoldsToServer : HoldsToClient;

    internal TimeSpan Pause(int bytes, Random random)
    {
        var pause = Delay;
        if (Jitter > TimeSpan.Zero)
        {
            lock (random)
                pause += ((random.NextDouble() * 2) - 1) * Jitter;
        }
        return BytesPerSecond == 0 ? pause : pause + TimeSpan.FromSeconds((double)bytes / BytesPerSecond);
    }
}
