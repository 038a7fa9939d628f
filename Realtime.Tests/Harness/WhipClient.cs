using System.Diagnostics;
using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>What a client in <c>EndToEnd/Clients</c> says of itself, once a second.</summary>
/// <param name="State"><c>answered</c>, then the connection's, at last <c>deleted</c>.</param>
/// <param name="Status">Of the last request.</param>
/// <param name="Pictures">Frames that differ from the one before.</param>
public sealed record WhipClientReport(string State, long Frames, long Samples, int Width, int Height, long Pictures, int Status = 0, string? Session = null);

/// <summary>A WebRTC implementation that is not ours, as a WHIP or WHEP client in a process of its own: aiortc, or over TCP alone GStreamer's.</summary>
public sealed class WhipClient : IAsyncDisposable
{
    static readonly TimeSpan s_exitTimeout = TimeSpan.FromSeconds(30);

    readonly Process _process;
    readonly List<string> _output = [];
    volatile WhipClientReport _last = new("starting", 0, 0, 0, 0, 0);

    WhipClient(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    public WhipClientReport Last => _last;

    public static WhipClient Publish(Uri url, string token, bool tcp = false) => Start("publish", url, token, tcp);

    public static WhipClient Play(Uri url, string token, bool tcp = false) => Start("play", url, token, tcp);

    /// <summary>All it printed, for a failing test.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    /// <summary>Ends its input, upon which it deletes its session and exits.</summary>
    public async Task<WhipClientReport> EndAsync()
    {
        _process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(s_exitTimeout);
        await _process.WaitForExitAsync(timeout.Token);
        return _last;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        using var timeout = new CancellationTokenSource(s_exitTimeout);
        await _process.WaitForExitAsync(timeout.Token);
        _process.Dispose();
    }

    static WhipClient Start(string role, Uri url, string token, bool tcp) => Forker.Run(() =>
    {
        var start = new ProcessStartInfo("setpriv") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var script = Path.Combine(AppContext.BaseDirectory, "EndToEnd", "Clients", tcp ? "whip_client_tcp.py" : "whip_client.py");
        // The distribution's own Python: that is where its packages are.
        foreach (var argument in new[] { "--pdeathsig", "KILL", "/usr/bin/python3", script, role, url.AbsoluteUri, token })
            start.ArgumentList.Add(argument);
        var client = new WhipClient(new Process { StartInfo = start });
        client._process.Start();
        client._process.BeginOutputReadLine();
        client._process.BeginErrorReadLine();
        return client;
    });

    void Take(string? line)
    {
        Keep(line);
        if (line is ['{', ..])
            _last = JsonSerializer.Deserialize<WhipClientReport>(line, ContractsJson.Options)!;
    }

    void Keep(string? line)
    {
        lock (_output)
        {
            if (line is not null && _output.Count < 500)
                _output.Add(line);
        }
    }
}
