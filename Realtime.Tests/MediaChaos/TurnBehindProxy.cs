using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Realtime.Tests.Harness;

namespace Realtime.Tests.MediaChaos;

/// <summary>A real coturn and the proxy before it, to be started before the app that is to use it.</summary>
sealed class TurnBehindProxy : IAsyncDisposable
{
    public const string Secret = "chaos-turn-secret-of-at-least-32-bytes";

    readonly string _folder = Directory.CreateTempSubdirectory("realtime-turn-").FullName;
    readonly ChildProcess _coturn;

    TurnBehindProxy()
    {
        var port = FreePort.Tcp();
        _coturn = ChildProcess.Start("turnserver",
        [
            "-n", "--use-auth-secret", $"--static-auth-secret={Secret}", "--realm=chaos", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1",
            $"--listening-port={port.ToString(CultureInfo.InvariantCulture)}", "--allow-loopback-peers", "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout", "--simple-log",
            $"--pidfile={_folder}/pid", $"--userdb={_folder}/db",
        ]);
        Server = new IPEndPoint(IPAddress.Loopback, port);
        Proxy = new TurnProxy(Server);
    }

    public TurnProxy Proxy { get; }

    IPEndPoint Server { get; }

    public string Url => $"turn:127.0.0.1:{Proxy.Port.ToString(CultureInfo.InvariantCulture)}?transport=udp";

    /// <summary>The name of its circuit.</summary>
    public string Circuit => $"turn:127.0.0.1:{Proxy.Port.ToString(CultureInfo.InvariantCulture)}";

    public static async Task<TurnBehindProxy> StartAsync()
    {
        var turn = new TurnBehindProxy();
        await Eventually.TrueAsync(async () =>
        {
            using var tcp = new TcpClient();
            try
            {
                await tcp.ConnectAsync(turn.Server);
                return true;
            }
            catch (SocketException)
            {
                return turn._coturn.HasExited ? throw new InvalidOperationException(turn._coturn.Output) : false;
            }
        });
        return turn;
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await _coturn.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
