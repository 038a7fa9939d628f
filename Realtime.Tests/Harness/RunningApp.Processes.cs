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

    /// <summary>SIGSTOP to the process and what it started: it stays connected and says nothing.</summary>
    public IReadOnlyList<int> Freeze(string instance) => Freeze(Pid(instance));

    /// <returns>Whom <see cref="Thaw"/> wakes again: a process that is killed meanwhile leaves children behind that still stand.</returns>
    public static IReadOnlyList<int> Freeze(int pid)
    {
        int[] frozen = [.. Children(pid), pid];
        Sleepers.Guard(frozen);
        foreach (var one in frozen)
            Signal(one, SigStop);
        return frozen;
    }

    /// <summary>SIGCONT; nothing happens to who is gone.</summary>
    public static void Thaw(IReadOnlyList<int> frozen)
    {
        foreach (var one in frozen)
            Signal(one, SigCont);
        Sleepers.Release(frozen);
    }

    /// <summary>Stops a resource in order and keeps it stopped until <see cref="StartAsync"/>.</summary>
    public Task StopAsync(string resource) => CommandAsync(resource, KnownResourceCommands.StopCommand);

    public Task StartAsync(string resource) => CommandAsync(resource, KnownResourceCommands.StartCommand);

    /// <summary>What the runner knows of each resource, for the output of a failing test.</summary>
    public string States() => string.Join(", ", s_resources.Concat(["signaling-0", "signaling-1"])
        .Select(id => _app!.ResourceNotifications.TryGetCurrentState(id, out var state) ? $"{state.ResourceId} {state.Snapshot.State?.Text} {state.Snapshot.HealthStatus}" : null).OfType<string>());

    async Task CommandAsync(string resource, string command)
    {
        using var timeout = new CancellationTokenSource(s_recoveryTimeout);
        var result = await _app!.ResourceCommands.ExecuteCommandAsync(resource, command, timeout.Token);
        if (!result.Success)
            throw new InvalidOperationException($"{command} of {resource} failed.");
    }

    static void Signal(int pid, int signal)
    {
        if (kill(pid, signal) != 0 && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
            throw new InvalidOperationException($"kill({pid}, {signal}) failed with {error}.");
    }

    // Postgres has a process, and a session, per connection: a signal to the group would miss them.
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
