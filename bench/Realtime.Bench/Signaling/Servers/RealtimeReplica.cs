using Realtime.Bench.Servers;
using Realtime.Bench.Signaling.Load;

namespace Realtime.Bench.Signaling.Servers;

/// <summary>One replica of our signaling service on Postgres and Redis. Limits per person and address are raised: here one process plays thousands.</summary>
sealed class RealtimeReplica(string folder, bool memory, Backends? shared = null, ChatDialect? dialect = null, string name = "signaling-0") : IChatServer
{
    readonly Backends backends = shared ?? new Backends(folder);
    static readonly string[] raised = ["SessionsPerMinute", "MessagesPerMinute", "ChannelsPerMinute", "ConnectionsPerMinute", "CallsPerSecond", "FramesPerSecond", "BytesPerSecond"];

    ServerProcess? process;

    public string Name => "realtime";

    public ServerProcess Process => process ?? throw new InvalidOperationException("Not started.");

    public int Port { get; private set; }

    public bool IsDotNet => true;

    public ChatDialect Dialect { get; } = dialect ?? new RealtimeDialect();

    public async Task StartAsync(CancellationToken stop)
    {
        if (shared is null) await backends.StartAsync(stop);
        Port = ServerProcess.FreePort();
        var settings = RuntimeSettings.For(memory);
        settings["ASPNETCORE_URLS"] = $"http://127.0.0.1:{Port}";
        settings["ConnectionStrings__realtimedb"] = backends.PostgresConnection;
        settings["ConnectionStrings__redis"] = backends.RedisConnection;
        settings["Realtime__Replica"] = name;
        settings["CrashReports__Directory"] = Path.Combine(folder, $"crashes-{name}");
        foreach (var limit in raised) settings[$"Limits__{limit}"] = "1000000";
        process = ServerProcess.Start("dotnet", [ServerFiles.Assembly("Realtime.Signaling")], Path.Combine(folder, $"{name}.log"), ServerFiles.Folder("Realtime.Signaling"), settings);
        await process.WaitUntilAsync(() => HttpProbe.AnswersAsync(Port, "/ready", stop), stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null) await process.DisposeAsync();
        if (shared is null) await backends.DisposeAsync();
    }
}
