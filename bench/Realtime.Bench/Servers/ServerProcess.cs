using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Realtime.Bench.Servers;

/// <summary>What the kernel says a process has used.</summary>
/// <param name="Ticks">utime + stime of /proc/PID/stat: all threads, those that have ended included.</param>
/// <param name="Nanoseconds">From the scheduler, exact: the sum over /proc/PID/task/*/schedstat. What a thread used is gone when it ends, so this is for processes whose threads stay.</param>
readonly record struct CpuUse(long Ticks, long Nanoseconds)
{
    /// <summary>USER_HZ of proc(5) on every architecture .NET runs on.</summary>
    const double TicksPerSecond = 100;

    /// <summary>By <see cref="Ticks"/>.</summary>
    public double Seconds => Ticks / TicksPerSecond;

    public static CpuUse operator -(CpuUse a, CpuUse b) => new(a.Ticks - b.Ticks, a.Nanoseconds - b.Nanoseconds);
}

/// <summary>A server's process: its output in a file, killed with the run, measured through /proc.</summary>
sealed class ServerProcess : IAsyncDisposable
{
    readonly Process process;
    readonly Task output;
    readonly StreamWriter log;

    ServerProcess(Process process, string logFile)
    {
        this.process = process;
        LogFile = logFile;
        log = new StreamWriter(logFile) { AutoFlush = true };
        output = Task.WhenAll(Copy(process.StandardOutput), Copy(process.StandardError));
        AppDomain.CurrentDomain.ProcessExit += KillNow;
    }

    public int Id => process.Id;

    public string LogFile { get; }

    public bool HasExited => process.HasExited;

    public static ServerProcess Start(string file, IEnumerable<string> arguments, string logFile, string? directory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? Path.GetTempPath(),
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return new ServerProcess(Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start."), logFile);
    }

    /// <summary>A TCP port of 127.0.0.1 that nobody listens on now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Repeats until the server answers; fails with the end of its output when it ends or stays silent.</summary>
    public async Task WaitUntilAsync(Func<Task<bool>> answers, CancellationToken stop)
    {
        var giveUp = Stopwatch.StartNew();
        while (true)
        {
            if (await answers()) return;
            if (HasExited || giveUp.Elapsed > TimeSpan.FromSeconds(30))
            {
                await log.FlushAsync(stop);
                throw new InvalidOperationException($"{process.StartInfo.FileName} {(HasExited ? "ended" : "does not answer")}: {string.Join('\n', File.ReadLines(LogFile).TakeLast(20))}");
            }

            await Task.Delay(50, stop);
        }
    }

    public CpuUse Cpu()
    {
        // After the command's closing parenthesis, utime and stime are fields 14 and 15 of proc(5).
        var stat = File.ReadAllText($"/proc/{Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = Number(fields[11]) + Number(fields[12]);
        long nanoseconds = 0;
        foreach (var task in Directory.GetDirectories($"/proc/{Id}/task"))
        {
            try
            {
                nanoseconds += Number(File.ReadAllText($"{task}/schedstat").Split(' ')[0]);
            }
            catch (IOException)
            {
                // A thread that has just ended.
            }
        }

        return new CpuUse(ticks, nanoseconds);
    }

    /// <summary>What its threads of that name (the first 15 characters) have used.</summary>
    public TimeSpan CpuOfThreads(string name)
    {
        long nanoseconds = 0;
        foreach (var task in Directory.GetDirectories($"/proc/{Id}/task"))
        {
            try
            {
                if (File.ReadAllText($"{task}/comm").StartsWith(name, StringComparison.Ordinal)) nanoseconds += Number(File.ReadAllText($"{task}/schedstat").Split(' ')[0]);
            }
            catch (IOException)
            {
                // A thread that has just ended.
            }
        }

        return TimeSpan.FromMicroseconds(nanoseconds / 1e3);
    }

    /// <summary>Resident memory in KiB.</summary>
    public long ResidentKilobytes()
    {
        var line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillNow;
        KillNow(null, EventArgs.Empty);
        await process.WaitForExitAsync();
        await output;
        await log.DisposeAsync();
        process.Dispose();
    }

    void KillNow(object? sender, EventArgs e)
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
    }

    async Task Copy(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (log) log.WriteLine(line);
        }
    }

    static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
