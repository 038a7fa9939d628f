using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Looks at each TURN server every 30 s with credentials as clients get them, and every 2 s as long as something is wrong or was reported: its circuit opens after five
/// failures and closes after three successes, so that a server that is gone is handed out for seconds, not for minutes.
/// </summary>
public sealed class TurnProbe(TurnServers servers, TurnCredentials credentials, TurnReports reports, IOptionsMonitor<TurnOptions> options, Supervisor supervisor)
    : SupervisedTicker(supervisor, TimeSpan.FromSeconds(2), "media.turnProbe")
{
    const string ProbeUser = "probe";

    static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    readonly Dictionary<string, long> _lookedAt = new(StringComparer.Ordinal);
    readonly HashSet<string> _doubtful = new(StringComparer.Ordinal);

    protected override Task TickAsync(CancellationToken stopping)
    {
        var reported = reports.TakeReported();
        if (options.CurrentValue.ProbeEvery == TimeSpan.Zero)
            return Task.CompletedTask;
        foreach (var name in reported)
            _doubtful.Add(name);
        return Task.WhenAll(servers.Configured.DistinctBy(static server => server.Name).Where(IsDue).ToList().Select(server => LookAsync(server, stopping)));
    }

    bool IsDue(TurnServer server) => !_lookedAt.TryGetValue(server.Name, out var at) || Time.GetElapsedTime(at) >= options.CurrentValue.ProbeEvery
        || _doubtful.Contains(server.Name) || servers.CircuitOf(server.Name).State != CircuitState.Closed;

    async Task LookAsync(TurnServer server, CancellationToken stopping)
    {
        var circuit = servers.CircuitOf(server.Name);
        if (!circuit.TryEnter(out var ticket))
            return;
        var login = credentials.Make(ProbeUser);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(Within);
        string? failure = null;
        try
        {
            await TurnClient.ProbeAsync(server, login.Username, login.Password, deadline.Token);
            circuit.Success(ticket);
        }
        catch (TurnException exception)
        {
            circuit.Failure(ticket, failure = exception.Reason);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            circuit.Timeout(ticket);
            failure = "timeout";
        }
        lock (_lookedAt)
        {
            _lookedAt[server.Name] = Time.GetTimestamp();
            if (failure is null)
                _doubtful.Remove(server.Name);
            else if (_doubtful.Add(server.Name))
                ActionLog.Record(Name, failure, detail: server.Name);
        }
    }
}
