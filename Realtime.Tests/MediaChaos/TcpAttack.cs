using System.Net;
using System.Net.Sockets;
using Realtime.Tests.Media.Fuzz;

namespace Realtime.Tests.MediaChaos;

/// <summary>Connections to a node's ICE-TCP port: some never say a word, some say one byte a second, some send damaged frames.</summary>
sealed class TcpAttack(IPEndPoint target, int seed) : IMediaAttack
{
    const int Connections = 60;
    const int FramesPerConnection = 200;

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    readonly Mutator _mutator = new(seed, FramingFuzz.Corpus());
    readonly Lock _gate = new();
    long _count;

    public string Name => "ice-tcp";

    public long Count => Interlocked.Read(ref _count);

    public Task RunAsync(Violations violations, CancellationToken cancellation) =>
        Task.WhenAll(Enumerable.Range(0, Connections).Select(i => AttackAsync(i % 3, cancellation)));

    async Task AttackAsync(int manner, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(target, cancellation);
                Interlocked.Increment(ref _count);
                await (manner switch
                {
                    0 => SilentAsync(client.GetStream(), cancellation),
                    1 => ByteByByteAsync(client.GetStream(), cancellation),
                    _ => FramesAsync(client.GetStream(), cancellation),
                });
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                // Shown the door; once more.
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(s_patience / 4, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    static async Task SilentAsync(NetworkStream stream, CancellationToken cancellation)
    {
        // The node gives up on who says nothing: this ends by its closing.
        var buffer = new byte[16];
        while (await stream.ReadAsync(buffer, cancellation) > 0)
            continue;
    }

    static async Task ByteByByteAsync(NetworkStream stream, CancellationToken cancellation)
    {
        foreach (var one in new byte[] { 0, 100, 0, 1, 0, 80, 0x21, 0x12, 0xA4, 0x42 })
        {
            await stream.WriteAsync(new[] { one }, cancellation);
            await Task.Delay(s_patience, cancellation);
        }
    }

    async Task FramesAsync(NetworkStream stream, CancellationToken cancellation)
    {
        for (var i = 0; i < FramesPerConnection; i++)
        {
            byte[] frame;
            lock (_gate)
                frame = _mutator.Next();
            await stream.WriteAsync(frame, cancellation);
            await Task.Delay(s_patience / 100, cancellation);
        }
    }
}
