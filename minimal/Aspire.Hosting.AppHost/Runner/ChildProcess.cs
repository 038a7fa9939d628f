using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Runner;

/// <summary>
/// A started process in a session of its own (a Ctrl-C in the terminal reaches only the runner, which stops in order) that the kernel
/// kills when the runner ends in any way. Its output goes to a log file.
/// </summary>
internal sealed partial class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task _output;

    private ChildProcess(Process process, LogFile log)
    {
        _process = process;
        Id = process.Id;
        process.StandardInput.Close();
        _output = Task.WhenAll(CopyAsync(process.StandardOutput.BaseStream, log), CopyAsync(process.StandardError.BaseStream, log));
    }

    public int Id { get; }
    public int ExitCode => _process.ExitCode;
    public bool HasExited => _process.HasExited;
    public Task Exited => _process.WaitForExitAsync();

    public static Task<ChildProcess> StartAsync(ProcessSpec spec, LogFile log, ChildParentThread parent) => parent.RunAsync(() =>
    {
        var start = new ProcessStartInfo
        {
            WorkingDirectory = spec.WorkingDirectory ?? "",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        string[] command = [.. Wrapper(spec.RunAs), spec.FileName, .. spec.Arguments];
        start.FileName = command[0];
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        // The runner's own addresses are not the child's.
        foreach (var own in new[] { "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "HTTP_PORTS", "DOTNET_LAUNCH_PROFILE" })
            start.Environment.Remove(own);
        foreach (var (name, value) in spec.Environment)
            start.Environment[name] = value;
        return new ChildProcess(Process.Start(start)!, log);
    });

    /// <summary>Asks the process to end, waits, and kills what is left of its group.</summary>
    public async Task StopAsync(PosixSignalNumber signal, TimeSpan grace, CancellationToken force)
    {
        Signal(signal, Id);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(force);
        patience.CancelAfter(grace);
        await Exited.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Signal(PosixSignalNumber.Kill, -Id);
        await Exited;
        // A grandchild may hold the pipes; its output is not waited for.
        await _output.WaitAsync(TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _process.Dispose();

    /// <summary>A negative id means the whole process group.</summary>
    public static void Signal(PosixSignalNumber signal, int id)
    {
        if (OperatingSystem.IsWindows())
        {
            using var process = Process.GetProcessById(Math.Abs(id));
            process.Kill(entireProcessTree: true);
            return;
        }

        // A process that has just ended is what the caller wants.
        _ = Kill(id, (int)signal);
    }

    // setsid first: it leaves the terminal's group. setpriv changes the account before it asks for the death signal, which a change of
    // account would clear (runuser and su do it the other way round).
    private static string[] Wrapper(string? runAs)
    {
        if (!OperatingSystem.IsLinux())
            return [];
        return runAs is null
            ? ["setsid", "setpriv", "--pdeathsig", "KILL", "--"]
            : ["setsid", "setpriv", "--reuid", runAs, "--regid", runAs, "--clear-groups", "--pdeathsig", "KILL", "--"];
    }

    private static async Task CopyAsync(Stream output, LogFile log)
    {
        var buffer = new byte[16384];
        try
        {
            while (await output.ReadAsync(buffer) is > 0 and var read)
                log.Write(buffer.AsSpan(0, read));
        }
        catch (Exception ended) when (ended is ObjectDisposedException or IOException)
        {
            // The process was disposed while a grandchild held the pipe: nobody reads on.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
