using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Realtime.Bench.Signaling.Servers;

/// <summary>
/// The .NET runtime's diagnostics port (github.com/dotnet/diagnostics, ipc-protocol.md), for one thing: a session with the keyword GCHeapCollect makes the process collect
/// everything, so that its resident set is what it keeps and not what it has not thrown away yet.
/// </summary>
static class DiagnosticsPort
{
    const byte EventPipe = 2, CollectTracing = 2;
    const ulong GcHeapCollect = 0x800000;
    const uint Informational = 4, NetTrace = 1, BufferMegabytes = 1;

    static readonly TimeSpan within = TimeSpan.FromSeconds(5);

    public static async Task CollectAsync(int pid, CancellationToken stop)
    {
        var path = Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{pid}-*-socket").Single();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
        await socket.SendAsync(Request(), stop);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(within);
        try
        {
            // Its events are of no interest; the session ends with this connection.
            var buffer = new byte[64 * 1024];
            while (await socket.ReceiveAsync(buffer, end.Token) > 0)
            {
                continue;
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return;
        }
    }

    static byte[] Request()
    {
        using var payload = new MemoryStream();
        Write(payload, BufferMegabytes);
        Write(payload, NetTrace);
        Write(payload, 1u);
        Span<byte> keywords = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(keywords, GcHeapCollect);
        payload.Write(keywords);
        Write(payload, Informational);
        Write(payload, "Microsoft-Windows-DotNETRuntime");
        Write(payload, "");

        var request = new byte[20 + payload.Length];
        "DOTNET_IPC_V1\0"u8.CopyTo(request);
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(14), (ushort)request.Length);
        (request[16], request[17]) = (EventPipe, CollectTracing);
        payload.ToArray().CopyTo(request, 20);
        return request;
    }

    static void Write(MemoryStream to, uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        to.Write(bytes);
    }

    /// <summary>Length in characters with the closing zero, then UTF-16.</summary>
    static void Write(MemoryStream to, string text)
    {
        Write(to, (uint)text.Length + 1);
        to.Write(Encoding.Unicode.GetBytes(text + '\0'));
    }
}
