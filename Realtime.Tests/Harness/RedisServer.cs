using System.Globalization;
using System.Net.Sockets;

namespace Realtime.Tests.Harness;

/// <summary>A real redis-server on a port and in a directory of its own, which tests kill and bring back.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    const int StartAttempts = 5;

    readonly string _directory;
    readonly IReadOnlyList<string> _arguments;
    ChildProcess _process;

    RedisServer(string directory, int port, IReadOnlyList<string> arguments, string? password, ChildProcess process)
    {
        _directory = directory;
        Port = port;
        _arguments = arguments;
        Password = password;
        _process = process;
    }

    public int Port { get; }

    public string? Password { get; }

    /// <summary><c>127.0.0.1:port[,password=…]</c></summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}") + (Password is null ? "" : $",password={Password}");

    /// <summary>Returns when it accepts connections.</summary>
    /// <param name="arguments">More arguments for redis-server. With <c>--port 0 --tls-port PORT</c> the port stands for <c>{port}</c>.</param>
    public static async Task<RedisServer> StartAsync(string? password = null, IReadOnlyList<string>? arguments = null)
    {
        var directory = Directory.CreateTempSubdirectory("realtime-redis-").FullName;
        arguments ??= ["--port", "{port}", "--appendonly", "yes", "--appendfsync", "always", "--save", ""];
        if (password is not null)
            arguments = [.. arguments, "--requirepass", password];
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort.Tcp();
            var process = Launch(directory, port, arguments);
            if (await TryWaitAsync(process, port))
                return new RedisServer(directory, port, arguments, password, process);
            await process.DisposeAsync();
            if (attempt == StartAttempts)
                throw new InvalidOperationException($"redis-server did not start: {process.Output}");
        }
    }

    /// <summary>SIGKILL. Data that it has acknowledged is kept.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>SIGSTOP: it stays connected and says nothing.</summary>
    public void Freeze() => _process.Signal(19);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => _process.Signal(18);

    /// <summary>Starts it again after <see cref="KillAsync"/>, on the same port and data.</summary>
    public async Task RestartAsync()
    {
        await _process.DisposeAsync();
        _process = Launch(_directory, Port, _arguments);
        if (!await TryWaitAsync(_process, Port))
            throw new InvalidOperationException($"redis-server did not come back: {_process.Output}");
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    static ChildProcess Launch(string directory, int port, IReadOnlyList<string> arguments) => ChildProcess.Start("redis-server",
        ["--bind", "127.0.0.1", "--dir", directory, .. arguments.Select(argument => argument == "{port}" ? port.ToString(CultureInfo.InvariantCulture) : argument)]);

    static async Task<bool> TryWaitAsync(ChildProcess process, int port)
    {
        await Eventually.TrueAsync(async () => process.HasExited || await AcceptsAsync(port));
        return !process.HasExited;
    }

    static async Task<bool> AcceptsAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
