using System.Net.Http.Headers;
using System.Net.Http.Json;
using Realtime.Contracts;
using Realtime.Tests.Harness;

namespace Realtime.Tests.MediaChaos;

/// <summary>
/// The TURN server refuses to refresh what it gave: its circuit opens and it is handed to nobody, until it is well again. Who is in a call without it notices nothing.
/// </summary>
sealed class TurnFaults(RunningApp app, TurnBehindProxy turn) : IMediaAttack
{
    /// <summary>Five looks, two seconds apart, each of which may take its time.</summary>
    static readonly TimeSpan s_opensWithin = TimeSpan.FromSeconds(40);

    /// <summary>Half a minute open, then three looks.</summary>
    static readonly TimeSpan s_closesWithin = TimeSpan.FromSeconds(75);

    static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    long _count;

    public string Name => "TURN refuses refreshes";

    public long Count => Interlocked.Read(ref _count);

    public async Task RunAsync(Violations violations, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = app.Signaling[0], Timeout = TimeSpan.FromSeconds(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await app.TokenAsync("turn-watch", new Grants(Admin: true)));
        try
        {
            while (true)
            {
                turn.Proxy.RefusesRefreshes = true;
                var opened = await BecomesAsync(http, "open", s_opensWithin, cancellation);
                violations.Expect(opened is not null, "a TURN server that refuses every refresh is handed out");
                if (opened is not null)
                {
                    Interlocked.Increment(ref _count);
                    violations.Expect(opened.FailuresByType.Keys.Any(static type => type.StartsWith("refresh", StringComparison.Ordinal) || type == "silent"), $"its circuit says {string.Join(", ", opened.FailuresByType.Keys)}");
                }
                turn.Proxy.RefusesRefreshes = false;
                violations.Expect(await BecomesAsync(http, "closed", s_closesWithin, cancellation) is not null, "a TURN server that is well again is handed to nobody");
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            turn.Proxy.RefusesRefreshes = false;
        }
    }

    async Task<CircuitInfo?> BecomesAsync(HttpClient http, string state, TimeSpan within, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(s_look);
        for (var waited = TimeSpan.Zero; waited < within; waited += s_look)
        {
            await timer.WaitForNextTickAsync(cancellation);
            try
            {
                var all = await http.GetFromJsonAsync<CircuitInfo[]>("/status/circuit-breakers", ContractsJson.Options, cancellation);
                if (all?.FirstOrDefault(one => one.Name == turn.Circuit) is { } found && found.State == state)
                    return found;
            }
            catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                // The machine has much to do; it is asked again.
            }
        }
        return null;
    }
}
