using System.Threading.Channels;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>Sends one message after the other, each again and again under the same id until it is acknowledged or refused for good.</summary>
internal sealed class ChatOutbox(ChatClientOptions options, Func<CancellationToken, Task<HubClient>> online)
{
    const int MaxWaiting = 4096;

    readonly Channel<Entry> _waiting = Channel.CreateBounded<Entry>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    /// <summary>Whether the same call may succeed later (contract: Errors).</summary>
    public static bool IsTransient(RealtimeError error) =>
        error.Code is ErrorCode.Unavailable or ErrorCode.Degraded or ErrorCode.UnknownOutcome or ErrorCode.RateLimited;

    /// <summary>Whether nobody knows if the call was executed.</summary>
    public static bool IsUncertain(RealtimeError error) => error.Code is ErrorCode.Internal or ErrorCode.UnknownOutcome or HubProtocol.UnknownError;

    public Task<SendMessageResult> SendAsync(string channel, string text)
    {
        var entry = new Entry(new SendMessageRequest(channel, Guid.CreateVersion7().ToString(), text));
        if (_waiting.Writer.TryWrite(entry))
            return entry.Outcome.Task;
        // Full, or its client is no more.
        return _waiting.Reader.Completion.IsCompleted ? Task.FromCanceled<SendMessageResult>(new(canceled: true)) : throw new InvalidOperationException($"{MaxWaiting} messages wait to be sent.");
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var entry in _waiting.Reader.ReadAllAsync(cancellation))
            {
                try
                {
                    await SendAsync(entry, cancellation);
                }
                finally
                {
                    // Given up between two attempts: whoever waits for it waits no longer.
                    entry.Outcome.TrySetCanceled(cancellation);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Being disposed: what was not acknowledged stays without outcome, in the history too.
            _waiting.Writer.TryComplete();
        }
        while (_waiting.Reader.TryRead(out var entry))
            entry.Outcome.TrySetCanceled(cancellation);
    }

    async Task SendAsync(Entry entry, CancellationToken cancellation)
    {
        var (channel, id, text) = (entry.Request.Channel!, entry.Request.ClientMessageId!, entry.Request.Text!);
        options.History.Add(new Observation.Invoked(options.Name, History.Now, channel, id, text));
        while (true)
        {
            HubClient? hub = null;
            try
            {
                hub = await online(cancellation);
                var result = await hub.InvokeAsync<SendMessageResult>("SendMessage", entry.Request, cancellation);
                options.History.Add(new Observation.Acknowledged(options.Name, History.Now, channel, id, result.Id, result.Seq));
                entry.Outcome.TrySetResult(result);
                return;
            }
            catch (HubCallException exception) when (IsTransient(exception.Error))
            {
                await Task.Delay(exception.Error.RetryAfterMs ?? 200, cancellation);
            }
            catch (HubConnectionException)
            {
                // Lost, or silent for too long: the next connection sends it again.
                hub?.Abort();
                await (hub?.Closed ?? Task.CompletedTask).WaitAsync(cancellation);
            }
            catch (HubCallException exception)
            {
                // Of an internal error nobody knows whether the message was stored: it stays without outcome.
                if (!IsUncertain(exception.Error))
                    options.History.Add(new Observation.Refused(options.Name, History.Now, channel, id, exception.Error.Code));
                entry.Outcome.TrySetException(exception);
                return;
            }
            catch (OperationCanceledException)
            {
                entry.Outcome.TrySetCanceled(cancellation);
                throw;
            }
        }
    }

    sealed record Entry(SendMessageRequest Request)
    {
        public TaskCompletionSource<SendMessageResult> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
