using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Realtime.Tests.Minimal.Redis;

/// <summary>Accepts connections, reads one piece, says its text, and then only listens.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _ending = new();
    readonly Task _accepting;
    int _connections;

    public ScriptedServer(string text)
    {
        _listener.Start();
        _accepting = AcceptAsync(Encoding.UTF8.GetBytes(text));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _ending.Dispose();
    }

    async Task AcceptAsync(byte[] text)
    {
        var served = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_ending.Token);
                Interlocked.Increment(ref _connections);
                served.Add(ServeAsync(client, text));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(served);
        }
    }

    async Task ServeAsync(TcpClient client, byte[] text)
    {
        using (client)
        {
            try
            {
                var buffer = new byte[4096];
                await client.GetStream().ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, _ending.Token);
                await client.GetStream().WriteAsync(text, _ending.Token);
                while (await client.GetStream().ReadAsync(buffer, _ending.Token) > 0)
                    continue;
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // The client hung up, which is what the test is about, or the test is over.
                return;
            }
        }
    }
}
