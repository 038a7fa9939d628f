using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Realtime.Tests.Harness;

/// <summary>
/// A server process of a test. The kernel kills it when the test process dies, however that dies
/// (<c>setpriv --pdeathsig</c>), so no test leaves an orphan.
/// </summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    const int MaxOutput = 64 << 10;
    static readonly TimeSpan s_exitTimeout = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly StringBuilder _output = new();

    ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>What it has printed (the first 64 KB), for a failing test.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <param name="user">Run as this user when the tests run as root (Postgres refuses root).</param>
    public static ChildProcess Start(string file, IEnumerable<string> arguments, string? user = null)
    {
        // The parent-death signal follows the thread that forks; .NET forks from pool threads that may end, so a
        // dedicated one that lives as long as the process does it.
        return Forker.Run(() =>
        {
            var start = new ProcessStartInfo("setpriv") { RedirectStandardOutput = true, RedirectStandardError = true };
            if (user is not null && Environment.IsPrivilegedProcess)
            {
                // Changing the user clears a parent-death signal that was set before, so it is set after.
                foreach (var argument in new[] { "--reuid", user, "--regid", user, "--clear-groups", "setpriv" })
                    start.ArgumentList.Add(argument);
            }
            start.ArgumentList.Add("--pdeathsig");
            start.ArgumentList.Add("KILL");
            start.ArgumentList.Add(file);
            foreach (var argument in arguments)
                start.ArgumentList.Add(argument);
            var child = new ChildProcess(new Process { StartInfo = start });
            child._process.Start();
            child._process.BeginOutputReadLine();
            child._process.BeginErrorReadLine();
            return child;
        });
    }

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await WaitForExitAsync();
    }

    /// <summary>Sends a signal (<c>kill(2)</c>), such as SIGSTOP.</summary>
    public void Signal(int signal)
    {
        if (kill(_process.Id, signal) != 0)
            throw new InvalidOperationException($"kill({_process.Id}, {signal}) failed with {Marshal.GetLastPInvokeError()}.");
    }

    public async Task WaitForExitAsync()
    {
        using var timeout = new CancellationTokenSource(s_exitTimeout);
        await _process.WaitForExitAsync(timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    void Keep(string? line)
    {
        lock (_output)
        {
            if (line is not null && _output.Length < MaxOutput)
                _output.AppendLine(line);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
