using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Web.Operations;

namespace Realtime.Web.Live;

/// <summary>The one subscription of this process to signaling's admin feed: opened again after every end, with backoff.</summary>
sealed partial class AdminFeedReader(
    Supervisor supervisor, IHttpClientFactory clients, ServiceTokens tokens, AdminFeed feed, ILogger<AdminFeedReader> log) : SupervisedService(supervisor)
{
    public const string Client = "admin-feed";

    /// <summary>Signaling sends at least one snapshot a second; a feed that has been silent for this long is dead.</summary>
    static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(0.5);
    static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(10);

    /// <summary>One snapshot; a longer one breaks the feed instead of filling the memory.</summary>
    const int MaxSnapshotBytes = 8 * 1024 * 1024;

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        var retry = FirstRetry;
        while (!stopping.IsCancellationRequested)
        {
            var before = feed.Current.Version;
            var problem = await ReadAsync(stopping);
            feed.Break(problem);
            LogBroken(problem);
            // Something had arrived: start over quickly.
            retry = feed.Current.Version > before + 1 ? FirstRetry : Min(retry * 2, LastRetry);
            await Task.Delay(retry * (0.5 + Random.Shared.NextDouble()), Time, stopping);
        }
    }

    /// <returns>Why the feed ended, in words: a dependency that is down is a state, not a fault of this loop.</returns>
    async Task<string> ReadAsync(CancellationToken stopping)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        silence.CancelAfter(Silence);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/admin/feed");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Get());
            request.Headers.Accept.Add(new("text/event-stream"));
            using var response = await clients.CreateClient(Client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
            if (!response.IsSuccessStatusCode)
                return Refused(response.StatusCode);
            await using var body = await response.Content.ReadAsStreamAsync(silence.Token);
            await foreach (var item in SseParser.Create(body, static (_, data) => Parse(data)).EnumerateAsync(silence.Token))
            {
                silence.CancelAfter(Silence);
                if (item.Data is { } snapshot)
                    feed.Publish(snapshot);
            }
            return "Signaling ended the feed.";
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return "Signaling has fallen silent.";
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return "Signaling cannot be reached.";
        }
    }

    static string Refused(HttpStatusCode status) => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
        ? "Signaling refuses the console's token."
        : $"Signaling answered with status {(int)status}.";

    static AdminSnapshot? Parse(ReadOnlySpan<byte> data) =>
        SafeJson.TryRead<AdminSnapshot>(data.ToArray(), out var snapshot, MaxSnapshotBytes, maxDepth: 32) ? snapshot : null;

    static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
