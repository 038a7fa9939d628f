using Microsoft.AspNetCore.SignalR;

namespace Realtime.Signaling.Hubs;

/// <summary>Counts the hub's calls by how they ended, and how long they took. The outermost filter, so that what the others refuse counts too.</summary>
public sealed class CallCounter(TimeProvider time) : IHubFilter
{
    long _processed;
    long _rejected;
    long _messagesRejected;

    /// <summary>Answered with a result.</summary>
    public long Processed => Volatile.Read(ref _processed);

    /// <summary>Answered with an error.</summary>
    public long Rejected => Volatile.Read(ref _rejected);

    /// <summary>Of these, calls that would have stored a message.</summary>
    public long MessagesRejected => Volatile.Read(ref _messagesRejected);

    public LatencyWindow Latency { get; } = new(time);

    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext context, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        var began = time.GetTimestamp();
        try
        {
            var result = await next(context);
            Interlocked.Increment(ref _processed);
            return result;
        }
        catch (Exception)
        {
            Interlocked.Increment(ref _rejected);
            if (context.HubMethodName is nameof(RealtimeHub.SendMessage) or "SendDirect")
                Interlocked.Increment(ref _messagesRejected);
            throw;
        }
        finally
        {
            Latency.Add(time.GetElapsedTime(began));
        }
    }
}
