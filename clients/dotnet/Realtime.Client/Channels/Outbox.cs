using Realtime.Client.Background;
using Realtime.Client.Connection;
using Realtime.Contracts;

namespace Realtime.Client.Channels;

/// <summary>
/// Sends messages until they are stored, each again and again under the same id whatever went wrong, one at a time per conversation, so that they are stored in the order in which they were
/// written. At most <see cref="Capacity"/> wait; one more is refused with <c>unavailable</c> (field <c>outbox</c>) and not kept.
/// </summary>
sealed class Outbox(RealtimeClientOptions options, HubConnection connection)
{
    public const int Capacity = 500;

    readonly Lock _gate = new();
    readonly Dictionary<string, Task> _last = [];
    int _waiting;

    /// <param name="conversation">Whose messages keep their order.</param>
    public async Task<T> SendAsync<T>(string conversation, string method, object request, CancellationToken cancellation)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_gate)
        {
            if (_waiting >= Capacity)
                throw new RealtimeException(new RealtimeError(ErrorCode.Unavailable, $"{Capacity} messages are waiting to be sent already.", "outbox"));
            _waiting++;
            before = _last.GetValueOrDefault(conversation, Task.CompletedTask);
            _last[conversation] = mine.Task;
        }
        try
        {
            await before.WaitAsync(cancellation);
            return await PostAsync<T>(method, request, cancellation);
        }
        finally
        {
            // Whoever gives up while others wait before it does not let the next one overtake them.
            _ = before.ContinueWith(_ => Settle(conversation, mine), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    async Task<T> PostAsync<T>(string method, object request, CancellationToken cancellation)
    {
        var backoff = new Backoff(options.FirstPause, options.MaxPause);
        for (var faults = 0; ;)
        {
            var socket = await connection.OnlineAsync(cancellation);
            try
            {
                return await socket.InvokeAsync<T>(method, request, cancellation);
            }
            catch (RealtimeException failure) when (failure.IsRetryable || (failure.Code == ErrorCode.Internal && ++faults <= PersistentTask.MaxFaults))
            {
                // A lost connection imposes no wait of its own: the next one does.
                if (!socket.Ended.IsCompleted)
                    await Task.WhenAny(socket.Ended, Task.Delay(backoff.Next(failure.RetryAfter ?? TimeSpan.Zero), cancellation));
            }
            cancellation.ThrowIfCancellationRequested();
        }
    }

    void Settle(string conversation, TaskCompletionSource mine)
    {
        lock (_gate)
        {
            _waiting--;
            if (_last.TryGetValue(conversation, out var last) && last == mine.Task)
                _last.Remove(conversation);
        }
        mine.TrySetResult();
    }
}
