using Realtime.Bench.Servers;
using Realtime.Bench.Signaling.Load;

namespace Realtime.Bench.Signaling.Servers;

/// <summary>A plain ASP.NET Core app whose hub sends to groups, as its documentation shows: <c>bench/Realtime.Bench.StockSignalR</c>.</summary>
sealed class StockSignalR(string folder, bool memory) : IChatServer
{
    ServerProcess? process;

    public string Name => "signalr";

    public ServerProcess Process => process ?? throw new InvalidOperationException("Not started.");

    public int Port { get; private set; }

    public bool IsDotNet => true;

    public ChatDialect Dialect { get; } = new SignalRDialect();

    public async Task StartAsync(CancellationToken stop)
    {
        Port = ServerProcess.FreePort();
        var settings = RuntimeSettings.For(memory);
        settings["ASPNETCORE_URLS"] = $"http://127.0.0.1:{Port}";
        process = ServerProcess.Start("dotnet", [ServerFiles.Assembly("Realtime.Bench.StockSignalR")], Path.Combine(folder, "signalr.log"), ServerFiles.Folder("Realtime.Bench.StockSignalR"), settings);
        await process.WaitUntilAsync(() => HttpProbe.AnswersAsync(Port, "/", stop), stop);
    }

    public ValueTask DisposeAsync() => process?.DisposeAsync() ?? default;
}
