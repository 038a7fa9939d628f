using System.Globalization;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;

namespace Realtime.Tests.Harness;

/// <summary>What tests do to the app's processes.</summary>
public partial class RunningApp
{
    const int SigStop = 19;
    const int SigCont = 18;
    const int NoSuchProcess = 3;

    /// <summary>Of the database the app uses.</summary>
    public string PostgresConnection => Endpoints().GetProperty("postgres").GetString()!;

    public string RedisConnection => Endpoints().GetProperty("redis").GetString()!;

    public static void Freeze(int pid) => Signal(pid, SigStop);

    public static void Thaw(int pid) => Signal(pid, SigCont);

    /// <summary>SIGSTOP to the process and what it started: it stays connected and says nothing.</summary>
    public void Freeze(string instance) => Signal(Pid(instance), SigStop);

    /// <summary>SIGCONT; nothing happens to who does not stand still.</summary>
    public void Thaw(string instance) => Signal(Pid(instance), SigCont);

    /// <summary>Stops a resource in order and keeps it stopped until <see cref="StartAsync"/>.</summary>
    public Task StopAsync(string resource) => CommandAsync(resource, KnownResourceCommands.StopCommand);

    public Task StartAsync(string resource) => CommandAsync(resource, KnownResourceCommands.StartCommand);

    async Task CommandAsync(string resource, string command)
    {
        using var timeout = new CancellationTokenSource(s_recoveryTimeout);
        var result = await _app!.ResourceCommands.ExecuteCommandAsync(resource, command, timeout.Token);
        if (!result.Success)
            throw new InvalidOperationException($"{command} of {resource} failed.");
    }

    // Postgres has a process, and a session, per connection: a signal to the group would miss them.
    static void Signal(int pid, int signal)
    {
        foreach (var one in Children(pid).Append(pid))
        {
            if (kill(one, signal) != 0 && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
                throw new InvalidOperationException($"kill({one}, {signal}) failed with {error}.");
        }
    }

    static IEnumerable<int> Children(int pid)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(path[^1])))
        {
            string stat;
            try
            {
                stat = File.ReadAllText(Path.Combine(directory, "stat"));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                continue;
            }
            // proc(5): pid (comm) state ppid …
            if (int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture) == pid)
                yield return int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
