using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Realtime.Bench.Servers;

namespace Realtime.Bench.Signaling.Servers;

/// <summary>A Redis and a Postgres of the bench's own, set up as the composed app runs them.</summary>
sealed class Backends(string folder) : IAsyncDisposable
{
    ServerProcess? redis;
    ServerProcess? postgres;
    string? data;

    public string RedisConnection { get; private set; } = "";

    public string PostgresConnection { get; private set; } = "";

    public async Task StartAsync(CancellationToken stop)
    {
        var (redisPort, postgresPort) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        redis = ServerProcess.Start("redis-server", ["--bind", "127.0.0.1", "--port", $"{redisPort}", "--save", "", "--appendonly", "no"], Path.Combine(folder, "redis.log"));
        RedisConnection = $"127.0.0.1:{redisPort}";

        var binaries = Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(static path => double.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)).Select(static path => Path.Combine(path, "bin")).First();
        // Postgres refuses to run as root.
        string[] asUser = Environment.IsPrivilegedProcess ? ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"] : ["--pdeathsig", "KILL"];
        data = Path.Combine(Path.GetTempPath(), $"realtime-bench-pg-{Guid.NewGuid():N}");
        Directory.CreateDirectory(data);
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", ["postgres", data], stop);
        await RunAsync("setpriv", [.. asUser, Path.Combine(binaries, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"], stop);
        postgres = ServerProcess.Start("setpriv",
            [.. asUser, Path.Combine(binaries, "postgres"), "-D", data, "-p", $"{postgresPort}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200"],
            Path.Combine(folder, "postgres.log"));
        PostgresConnection = $"Host=127.0.0.1;Port={postgresPort};Username=postgres;Database=postgres";
        await redis.WaitUntilAsync(() => Task.FromResult(Accepts(redisPort)), stop);
        await postgres.WaitUntilAsync(() => Task.FromResult(Accepts(postgresPort)), stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (postgres is not null) await postgres.DisposeAsync();
        if (redis is not null) await redis.DisposeAsync();
        if (data is null) return;
        // The children of a killed Postgres write for a moment longer.
        for (var attempt = 0; Directory.Exists(data) && attempt < 50; attempt++)
        {
            try
            {
                Directory.Delete(data, recursive: true);
            }
            catch (IOException)
            {
                await Task.Delay(100);
            }
        }
        if (Directory.Exists(data)) await Console.Error.WriteLineAsync($"{data} could not be deleted: somebody still writes there.");
    }

    static async Task RunAsync(string file, IEnumerable<string> arguments, CancellationToken stop)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(stop);
        await process.StandardOutput.ReadToEndAsync(stop);
        await process.WaitForExitAsync(stop);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{file} failed: {await errors}");
    }

    static bool Accepts(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
