using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Realtime.Contracts;
using Realtime.Tests.Architecture;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>A Node process with several users of the npm client in it; it can be killed and stopped like any other.</summary>
sealed class NodeHost : IAsyncDisposable
{
    const int MaxErrors = 8 << 10;

    static readonly TimeSpan s_endTimeout = TimeSpan.FromSeconds(10);
    static readonly SemaphoreSlim s_bundling = new(1, 1);
    static string? s_bundle;

    readonly History _history;
    readonly Process _process;
    readonly ConcurrentDictionary<long, TaskCompletionSource<string?>> _calls = new();
    readonly Lock _writing = new();
    readonly Task _reading;
    readonly System.Text.StringBuilder _errors = new();
    long _calling;
    volatile bool _killed;

    NodeHost(History history, Process process)
    {
        _history = history;
        _process = process;
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginErrorReadLine();
        _reading = ReadAsync();
    }

    public int Pid => _process.Id;

    public bool IsKilled => _killed;

    public List<string> Users { get; } = [];

    /// <summary>Of users whose client gave up: no fault may make it.</summary>
    public ConcurrentQueue<string> Broken { get; } = new();

    public static async Task<NodeHost> StartAsync(History history)
    {
        var bundle = await BundleAsync();
        return Forker.Run(() =>
        {
            var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", "node", bundle]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            return new NodeHost(history, Process.Start(start)!);
        });
    }

    /// <returns>Null, or the code of the error it ended with; also when nobody waits for it any more.</returns>
    public async Task<string?> CallAsync(string op, string user, JsonObject? arguments, CancellationToken cancellation)
    {
        var id = Interlocked.Increment(ref _calling);
        var call = _calls[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var line = arguments ?? [];
        (line["id"], line["op"], line["user"]) = (id, op, user);
        lock (_writing)
        {
            if (_killed)
                return ErrorCode.Unavailable;
            _process.StandardInput.WriteLine(line.ToJsonString());
            _process.StandardInput.Flush();
        }
        try
        {
            return await call.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return ErrorCode.Unavailable;
        }
        finally
        {
            _calls.TryRemove(id, out _);
        }
    }

    /// <summary>SIGKILL: all its users are dead.</summary>
    public async Task KillAsync()
    {
        lock (_writing)
            _killed = true;
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(s_endTimeout);
        await _reading;
        foreach (var user in Users)
            _history.Add(new Observation.Died(user, History.Now));
        foreach (var call in _calls.Values)
            call.TrySetResult(ErrorCode.Unavailable);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_killed)
            await KillAsync();
        _process.Dispose();
    }

    /// <summary>The client and the users as one file, beside the client's packages, which it needs.</summary>
    static async Task<string> BundleAsync()
    {
        await s_bundling.WaitAsync();
        try
        {
            if (s_bundle is not null)
                return s_bundle;
            var client = Path.Combine(Repository.Root, "clients", "js");
            var bundle = Path.Combine(client, "dist", "chaos-client.mjs");
            var start = new ProcessStartInfo(
                Path.Combine(client, "node_modules", ".bin", "esbuild"),
                [Path.Combine(Repository.Root, "Realtime.Tests", "Chaos", "Node", "chaos-client.ts"), "--bundle", "--format=esm", "--platform=node", "--packages=external", "--log-level=warning", $"--outfile={bundle}"])
            { RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? s_bundle = bundle : throw new InvalidOperationException($"The client could not be bundled: {errors}");
        }
        finally
        {
            s_bundling.Release();
        }
    }

    async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } text)
        {
            // The last line of a killed process may be half.
            if (!text.EndsWith('}'))
                continue;
            using var line = JsonDocument.Parse(text);
            var root = line.RootElement;
            if (root.TryGetProperty("answer", out var answer))
            {
                if (_calls.TryGetValue(answer.GetInt64(), out var call))
                    call.TrySetResult(root.TryGetProperty("code", out var code) ? code.GetString() : null);
            }
            else if (root.GetProperty("kind").GetString() == "broken")
                Broken.Enqueue(text);
            else
                _history.Add(Observe(root));
        }
        if (!_killed)
            Broken.Enqueue($"the Node process ended by itself: {_errors}");
    }

    static Observation Observe(JsonElement line)
    {
        var (user, at) = (Text("user"), Time("at"));
        return Text("kind") switch
        {
            "online" => new Observation.CameOnline(user, at),
            "joined" => new Observation.Joined(user, at, Text("channel"), Number("seq")),
            "left" => new Observation.Left(user, at, Text("channel")),
            "invoked" => new Observation.Invoked(user, at, Text("channel"), Text("clientMessageId"), Text("text")),
            "acknowledged" => new Observation.Acknowledged(user, at, Text("channel"), Text("clientMessageId"), Text("id"), Number("seq")),
            "refused" => new Observation.Refused(user, at, Text("channel"), Text("clientMessageId"), Text("code")),
            "received" => Received(line, user, at),
            "caughtUp" => new Observation.CaughtUp(user, at, Text("channel"), Number("from"), Number("to")),
            "gap" => new Observation.ToldOfGap(user, at, Text("channel"), Number("from"), Number("to")),
            "history" => new Observation.ReadHistory(user, at, Time("askedAt"), Text("channel"), Number("after"), line.GetProperty("isLast").GetBoolean(),
                [.. line.GetProperty("messages").EnumerateArray().Select(message => Received(message, user, at))]),
            var unknown => throw new InvalidOperationException($"The Node client says {unknown}."),
        };

        string Text(string name) => line.GetProperty(name).GetString()!;
        long Number(string name) => line.GetProperty(name).GetInt64();
        long Time(string name) => long.Parse(Text(name), CultureInfo.InvariantCulture) / (1_000_000_000 / Stopwatch.Frequency);
    }

    static Observation.Received Received(JsonElement message, string user, long at) => new(
        user, at, message.GetProperty("channel").GetString()!, message.GetProperty("epoch").GetInt64(), message.GetProperty("seq").GetInt64(), message.GetProperty("id").GetString()!,
        message.GetProperty("author").GetString()!, message.GetProperty("clientMessageId").GetString()!, message.GetProperty("text").GetString());

    void Keep(string? line)
    {
        lock (_errors)
        {
            if (line is not null && _errors.Length < MaxErrors)
                _errors.AppendLine(line);
        }
    }
}
