using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Aspire.Hosting.Runner;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Minimal.Hosting;

/// <summary>The composed app under its own runner process, ended in both ways: whatever happens, nothing stays behind.</summary>
[Trait("Tier", "EndToEnd")]
public sealed class RunnerProcessTests : IDisposable
{
    private static readonly int BasePort = FreePort.MediaBase(nodes: 2);
    private static readonly TimeSpan _start = TimeSpan.FromMinutes(3), _end = TimeSpan.FromSeconds(60);
    private readonly string _state = Directory.CreateTempSubdirectory("realtime-test-").FullName;

    public void Dispose()
    {
        if (Directory.Exists(_state))
            Directory.Delete(_state, recursive: true);
    }

    [Fact]
    public async Task NothingStaysBehind_AfterAKillOfTheRunner_NorAfterCtrlC()
    {
        await using (var runner = Start())
        {
            var endpoints = await HealthyAsync(runner);
            var children = Pids(endpoints);
            Assert.Superset(new HashSet<string> { "signaling-0", "signaling-1", "media-0", "media-1", "web", "redis", "postgres" }, endpoints["pids"]!.AsObject().Select(p => p.Key).ToHashSet());
            await using var second = Start();
            await second.WaitForExitAsync();
            Assert.Contains("already running here", second.Output, StringComparison.Ordinal);
            Assert.NotEqual(0, second.ExitCode);

            await runner.KillAsync();
            await Eventually.TrueAsync(() => !children.Any(Proc.IsAlive), _end);
        }

        // The same state again: the data is as it was, and the locks of the killed servers are no obstacle.
        File.Delete(Path.Combine(_state, "endpoints.json"));
        await using (var runner = Start())
        {
            var endpoints = await HealthyAsync(runner);
            var children = Pids(endpoints);
            Assert.Equal((HttpStatusCode.OK, "done\n"), await CommandAsync("media-1/drain"));
            Assert.Equal(HttpStatusCode.OK, (await CommandAsync("signaling/reset")).Status);
            Assert.Equal(HttpStatusCode.Conflict, (await CommandAsync("web/dance")).Status);

            runner.Signal((int)PosixSignalNumber.Interrupt);
            await runner.WaitForExitAsync();
            Assert.Equal(0, runner.ExitCode);
            Assert.DoesNotContain(children, Proc.IsAlive);
            Assert.All(PublicPorts(endpoints), port => Assert.True(Ports.IsFree(ProtocolType.Tcp, port), $"port {port}"));
            Assert.All([BasePort, BasePort + 100], port => Assert.True(Ports.IsFree(ProtocolType.Udp, port) && Ports.IsFree(ProtocolType.Tcp, port), $"port {port}"));
            Assert.False(File.Exists(Path.Combine(_state, "endpoints.json")));
        }
    }

    private Harness.ChildProcess Start() => Harness.ChildProcess.Start(Programs.DotNet(),
    [
        typeof(Projects.Realtime_AppHost).Assembly.Location, "--environment=Development", $"--Runner:StateDirectory={_state}", "--Runner:EphemeralState=true",
        "--DcpPublisher:RandomizePorts=true", $"--Media:BasePort={BasePort}"
    ]);

    private async Task<JsonNode> HealthyAsync(Harness.ChildProcess runner)
    {
        var file = Path.Combine(_state, "endpoints.json");
        await Eventually.TrueAsync(() => File.Exists(file) || runner.HasExited, _start);
        Assert.False(runner.HasExited, runner.Output);
        return JsonNode.Parse(await File.ReadAllTextAsync(file, CancellationToken.None))!;
    }

    /// <summary>What <c>./realtime command</c> says to the runner.</summary>
    private async Task<(HttpStatusCode Status, string Text)> CommandAsync(string command)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_state, "runner.sock")), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
        });
        using var answer = await client.PostAsync(new Uri($"http://runner/{command}"), null, CancellationToken.None);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(CancellationToken.None));
    }

    private static int[] Pids(JsonNode endpoints) => [.. endpoints["pids"]!.AsObject().Select(p => (int)p.Value!)];

    private static IEnumerable<int> PublicPorts(JsonNode endpoints)
        => endpoints["signaling"]!.AsArray().Append(endpoints["signalingFront"]).Append(endpoints["web"]).Select(u => new Uri((string)u!).Port);
}
