using Realtime.Bench.Servers;
using Realtime.Bench.Signaling.Load;

namespace Realtime.Bench.Signaling.Servers;

/// <summary>Socket.IO 4 on Node, rooms as its documentation shows: <c>bench/socketio</c>.</summary>
sealed class SocketIoServer(string folder) : IChatServer
{
    ServerProcess? process;

    public string Name => "socketio";

    public ServerProcess Process => process ?? throw new InvalidOperationException("Not started.");

    public int Port { get; private set; }

    public bool IsDotNet => false;

    public ChatDialect Dialect { get; } = new SocketIoDialect();

    public async Task StartAsync(CancellationToken stop)
    {
        Port = ServerProcess.FreePort();
        process = ServerProcess.Start("node", ["server.mjs", $"{Port}"], Path.Combine(folder, "socketio.log"), Path.Combine(ServerFiles.Root, "bench", "socketio"));
        await process.WaitUntilAsync(() => HttpProbe.AnswersAsync(Port, "/", stop), stop);
    }

    public ValueTask DisposeAsync() => process?.DisposeAsync() ?? default;
}
