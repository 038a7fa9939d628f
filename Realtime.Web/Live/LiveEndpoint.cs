using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Realtime.Web.Access;

namespace Realtime.Web.Live;

/// <summary>
/// <c>GET /console/live</c>: server-sent events, <c>board</c> with the board's HTML whenever it changed (at most 4 a second) and <c>tick</c>
/// every few seconds, so that a page notices when its server has gone. A viewer that reads slowly gets fewer, newer boards: nothing is queued.
/// </summary>
sealed class LiveEndpoint(AdminFeed feed, BoardRenderer renderer, TimeProvider time)
{
    public const string Path = ConsoleAccess.Path + "/live";

    /// <summary>Viewers at once; the next one is told to come back.</summary>
    public const int MaxViewers = 100;

    static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    int _viewers;

    public IResult Open(HttpContext http)
    {
        if (Interlocked.Increment(ref _viewers) > MaxViewers)
        {
            Interlocked.Decrement(ref _viewers);
            http.Response.Headers.RetryAfter = "10";
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }

        http.Response.OnCompleted(() =>
        {
            Interlocked.Decrement(ref _viewers);
            return Task.CompletedTask;
        });
        http.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(Events(http.RequestAborted));
    }

    async IAsyncEnumerable<SseItem<string>> Events([EnumeratorCancellation] CancellationToken cancellation)
    {
        long version = -1;
        while (!cancellation.IsCancellationRequested)
        {
            FeedState? state = null;
            using (var tick = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
            {
                tick.CancelAfter(Tick);
                try
                {
                    state = await feed.NewerThanAsync(version, tick.Token);
                }
                catch (OperationCanceledException)
                {
                    // Nothing new: say that we are still here, unless the viewer has left.
                    if (cancellation.IsCancellationRequested)
                        yield break;
                }
            }

            if (state is null)
            {
                yield return new SseItem<string>("", "tick");
                continue;
            }

            version = state.Version;
            yield return new SseItem<string>(await renderer.RenderAsync(state), "board");
            await Task.Delay(Shortest, time, cancellation);
        }
    }
}
