using System.Globalization;
using Realtime.Bench.Servers;
using Realtime.Bench.Signaling.Servers;

namespace Realtime.Bench.Signaling.Load;

/// <summary>A member in a process of its own (this program, started as <c>member</c>), so that it can be stopped as processes are.</summary>
sealed class StoppableMember : IAsyncDisposable
{
    /// <summary>The first word of its command line.</summary>
    public const string Verb = "member";

    const string In = "in";

    /// <summary>So that little lies between the server and a member that does not read.</summary>
    const int ReceiveBuffer = 4096;

    static readonly TimeSpan patience = TimeSpan.FromSeconds(30);

    readonly ServerProcess process;

    StoppableMember(ServerProcess process) => this.process = process;

    /// <summary>Starts it and waits until it is in its groups.</summary>
    public static async Task<StoppableMember> StartAsync(IChatServer server, string folder, int user, IEnumerable<string> groups, CancellationToken stop)
    {
        var log = Path.Combine(folder, $"{Verb}-{server.Name}.log");
        var member = new StoppableMember(ServerProcess.Start("dotnet", [typeof(StoppableMember).Assembly.Location, Verb, server.Name, $"{server.Port}", $"{user}", server.Dialect.Run, .. groups], log));
        await member.process.WaitUntilAsync(async () => (await File.ReadAllTextAsync(log, stop)).Contains(In, StringComparison.Ordinal), stop);
        return member;
    }

    /// <summary>SIGSTOP.</summary>
    public void Stop() => Libc.Stop(process.Id);

    public ValueTask DisposeAsync() => process.DisposeAsync();

    /// <summary>In the process itself: joins, says so, and reads until the server is gone.</summary>
    public static void Play(IReadOnlyList<string> arguments)
    {
        var (server, port, user, run) = (arguments[0], Number(arguments[1]), Number(arguments[2]), arguments[3]);
        var dialect = ChatDialect.Of(server, run);
        using var load = new ConnectionLoad(dialect, port) { FirstUser = user };
        var connection = load.Create(ReceiveBuffer);
        connection.Open([.. dialect.Enter(user, arguments[4]), .. arguments.Skip(5).SelectMany(group => dialect.Join(user, group))]);
        load.RunUntil(() => connection.Phase == ConnectionPhase.Live, patience, "the member in");
        Console.WriteLine(In);
        while (connection.Phase == ConnectionPhase.Live) load.Run(TimeSpan.FromSeconds(1));
    }

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
