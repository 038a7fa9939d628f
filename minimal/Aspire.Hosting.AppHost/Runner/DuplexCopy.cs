namespace Aspire.Hosting.Runner;

/// <summary>Copies both ways between the two ends of an upgraded connection until one side is done.</summary>
internal static class DuplexCopy
{
    /// <summary>How long the other direction may still drain once one has ended (the close frame's answer).</summary>
    private static readonly TimeSpan _drain = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(Stream a, Stream b, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var there = CopyAsync(a, b, stop.Token);
        var back = CopyAsync(b, a, stop.Token);
        await Task.WhenAny(there, back);
        stop.CancelAfter(_drain);
        await Task.WhenAll(there, back);
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        try
        {
            await from.CopyToAsync(to, 16384, cancellationToken);
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One end went away without a goodbye; the other is told by being closed.
        }
    }
}
