using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Realtime.Web.Access;

namespace Realtime.Web.Live;

/// <summary>
/// <c>GET /console/live/{view}</c>: server-sent events, <c>board</c> with the view's HTML whenever it changed and <c>tick</c> every two seconds otherwise, so that a page notices when its server has
/// gone. A viewer that reads slowly gets fewer, newer boards: nothing is queued.
/// </summary>
sealed class LiveEndpoint(SharedRenderings renderings, IHostApplicationLifetime lifetime, TimeProvider time)
{
    public const string Path = ConsoleAccess.Path + "/live";

    /// <summary>Viewers at once; the next one is told to come back.</summary>
    public const int MaxViewers = 100;

    static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    int _viewers;

    public IResult Open(HttpContext http, string view)
    {
        if (!LiveView.All.TryGetValue(view, out var found))
            return Results.NotFound();
        if (Interlocked.Increment(ref _viewers) > MaxViewers)
        {
            Interlocked.Decrement(ref _viewers);
            http.Response.Headers.RetryAfter = "10";
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
        var lease = renderings.Follow(found, found.Read(name => http.Request.Query[name]));
        http.Response.OnCompleted(() =>
        {
            Interlocked.Decrement(ref _viewers);
            lease.Dispose();
            return Task.CompletedTask;
        });
        http.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(Events(lease, found.Every, http.RequestAborted));
    }

    async IAsyncEnumerable<SseItem<string>> Events(SharedRenderings.Lease lease, TimeSpan every, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // A stop ends it too, in order: it would wait for a stream that never ends.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping, cancellation);
        var version = "";
        var told = time.GetTimestamp();
        while (!ended.IsCancellationRequested)
        {
            var current = lease.CurrentAsync();
            await ((Task)current.WaitAsync(ended.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
                yield break;
            var rendered = await current;
            if (rendered.Version != version)
            {
                version = rendered.Version;
                told = time.GetTimestamp();
                yield return new SseItem<string>(rendered.Html, "board");
            }
            else if (time.GetElapsedTime(told) >= Tick)
            {
                told = time.GetTimestamp();
                yield return new SseItem<string>("", "tick");
            }
            await Task.Delay(every < Tick ? every : Tick, time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
