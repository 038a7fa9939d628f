using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// What clients saw of the TURN servers: the SFU is ICE-lite and sees none. A report makes the probe look; and it counts with the server's circuit, each user once in five
/// minutes, so that it takes five people, and not one liar, to take a server from everybody.
/// </summary>
public sealed class TurnReports(TurnServers servers, TimeProvider time)
{
    public const int MaxErrors = 20;
    const int MaxUrlLength = 256;
    const int MaxPairBytes = 4096;

    /// <summary>Users remembered; beyond that a report only makes the probe look.</summary>
    const int MaxReporters = 10_000;

    static readonly TimeSpan OnceIn = TimeSpan.FromMinutes(5);

    readonly ConcurrentDictionary<(string User, string Server), long> _reporters = [];
    readonly ConcurrentDictionary<string, byte> _reported = new(StringComparer.Ordinal);
    long _failures;
    long _successes;

    /// <summary>Relays that did not work, and that did, as reported since the start.</summary>
    public long Failures => Volatile.Read(ref _failures);
    public long Successes => Volatile.Read(ref _successes);

    /// <exception cref="RealtimeException"><c>invalid</c> or <c>tooLarge</c>, with the member at fault.</exception>
    public void Take(string user, ReportTransportRequest request)
    {
        var errors = request.IceErrors ?? [];
        if (errors.Count > MaxErrors)
            throw new RealtimeException(new(ErrorCode.TooLarge, $"At most {MaxErrors} errors.", "iceErrors"));
        if (errors.Any(static error => error is null || error.Url is { Length: > MaxUrlLength } || error.Code is < 300 or > 799))
            throw new RealtimeException(new(ErrorCode.Invalid, "An error has a url and a code from 300 to 799.", "iceErrors"));
        if (request.Restarts is < 0)
            throw new RealtimeException(new(ErrorCode.Invalid, "A count is not negative.", "restarts"));
        foreach (var error in errors)
        {
            if (servers.Find(error.Url) is { } server)
                Failed(user, server, error.Code ?? 0);
        }
        if (RelayOf(request.SelectedPair) is { } relay && servers.Find(relay) is { } used)
            Worked(user, used);
    }

    /// <summary>The servers somebody had trouble with since the last time.</summary>
    public IReadOnlyList<string> TakeReported()
    {
        Sweep();
        var names = _reported.Keys.ToArray();
        foreach (var name in names)
            _reported.TryRemove(name, out _);
        return names;
    }

    void Failed(string user, TurnServer server, int code)
    {
        Interlocked.Increment(ref _failures);
        _reported[server.Name] = 0;
        ActionLog.RecordVerbose("turn", "reported", user, detail: server.Name);
        var circuit = servers.CircuitOf(server.Name);
        // An open circuit is the probe's to test.
        if (CountsFor(user, server) && circuit.State != CircuitState.Open && circuit.TryEnter(out var ticket))
            circuit.Failure(ticket, "client" + code.ToString(CultureInfo.InvariantCulture));
    }

    void Worked(string user, TurnServer server)
    {
        Interlocked.Increment(ref _successes);
        var circuit = servers.CircuitOf(server.Name);
        if (CountsFor(user, server) && circuit.State != CircuitState.Open && circuit.TryEnter(out var ticket))
            circuit.Success(ticket);
    }

    bool CountsFor(string user, TurnServer server)
    {
        var (key, now) = ((user, server.Name), time.GetTimestamp());
        if (_reporters.TryGetValue(key, out var at) && time.GetElapsedTime(at, now) < OnceIn)
            return false;
        if (_reporters.Count >= MaxReporters)
            return false;
        _reporters[key] = now;
        return true;
    }

    void Sweep()
    {
        foreach (var (key, at) in _reporters)
        {
            if (time.GetElapsedTime(at) >= OnceIn)
                _reporters.TryRemove(new(key, at));
        }
    }

    static string? RelayOf(JsonElement? pair)
    {
        if (pair is not { ValueKind: JsonValueKind.Object } found)
            return null;
        if (found.GetRawText().Length > MaxPairBytes)
            throw new RealtimeException(new(ErrorCode.TooLarge, $"A pair has at most {MaxPairBytes} bytes.", "selectedPair"));
        return found.TryGetProperty("relayUrl", out var url) && url.ValueKind == JsonValueKind.String ? url.GetString() : null;
    }
}
