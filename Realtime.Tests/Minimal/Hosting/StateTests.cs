using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runner;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Minimal.Hosting;

/// <summary>What the runner keeps on disk, and what it refuses to share.</summary>
public sealed class StateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("realtime-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void OneRunnerAtATime()
    {
        using var first = State();
        first.Acquire();
        using var second = State();
        var refusal = Assert.Throws<DistributedApplicationException>(second.Acquire);
        Assert.Contains($"kill {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
        first.Dispose();
        second.Acquire();
    }

    [Fact]
    public void ALogIsBoundedToTwoFiles()
    {
        var path = Path.Combine(_folder, "x.log");
        using (var log = new LogFile(path, limit: 1000))
        {
            for (var line = 0; line < 100; line++)
                log.Write(new byte[90]);
            Assert.InRange(new FileInfo(path).Length, 1, 1000);
            Assert.InRange(new FileInfo(log.PreviousPath).Length, 900, 1000);
        }

        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void ABusyPortIsExplainedWithItsHolder()
    {
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)holder.LocalEndPoint!).Port;
        var builder = SampleApp.Builder();
        builder.AddShell("media", "true").WithEndpoint(name: "ice", port: port, isProxied: false, protocol: ProtocolType.Udp);
        var refusal = Assert.Throws<DistributedApplicationException>(() =>
            EndpointAllocation.Allocate(ResourceInstance.Of(builder.Resources), RunnerOptions.Read(builder.Configuration, builder.AppHostDirectory), new Ports()));
        // Which process: another test's child shares our sockets between its fork and its exec, and may be found first.
        Assert.Matches($@"media \(ice\) needs Udp port {port}, which is held by process \d+ \(", refusal.Message);
    }

    [Fact]
    public void ABusyPortOfWhatTheAppWorksWithout_IsReplaced()
    {
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)holder.LocalEndPoint!).Port;
        var builder = SampleApp.Builder();
        var coturn = builder.AddContainer("coturn", "coturn/coturn").WithEndpoint(port: port, name: "turn", protocol: ProtocolType.Udp);
        EndpointAllocation.Allocate(ResourceInstance.Of(builder.Resources), RunnerOptions.Read(builder.Configuration, builder.AppHostDirectory), new Ports());
        Assert.NotEqual(port, coturn.GetEndpoint("turn").Port);
    }

    [Fact]
    public async Task LeftoversAreKilled_ButNoStrangerWithTheSameId()
    {
        var file = Path.Combine(_folder, "children");
        await using var leftover = Harness.ChildProcess.Start("sleep", ["300"]);
        await using var stranger = Harness.ChildProcess.Start("sleep", ["300"]);
        new ChildLedger(file).Add(leftover.Id, "media-0");
        await File.AppendAllLinesAsync(file, [$"{stranger.Id} 1 web"], CancellationToken.None);
        Assert.Equal([$"media-0 (process {leftover.Id})"], new ChildLedger(file).KillLeftovers());
        await leftover.WaitForExitAsync();
        Assert.False(stranger.HasExited);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task EndpointsAreWrittenWhenAllIsHealthy_AndAgainForANewProcess()
    {
        var builder = SampleApp.Builder();
        var signaling = builder.AddResource(new ProjectResource("signaling")).WithAnnotation(new NoProject()).WithHttpEndpoint().WithReplicas(2);
        var media = builder.AddResource(new ProjectResource("media-0")).WithAnnotation(new NoProject())
            .WithHttpEndpoint(name: "http").WithHttpEndpoint(name: "control", env: "PORT")
            .WithEndpoint(name: "ice-udp", scheme: "udp", isProxied: false, protocol: ProtocolType.Udp)
            .WithEndpoint(name: "ice-tcp", scheme: "tcp", isProxied: false);
        builder.AddRedis("redis", password: builder.AddParameter("pw", "x"));
        var instances = ResourceInstance.Of(builder.Resources);
        EndpointAllocation.Allocate(instances, RunnerOptions.Read(builder.Configuration, builder.AppHostDirectory), new Ports());
        var notifications = new ResourceNotificationService();
        foreach (var instance in instances)
            await Publish(notifications, instance, "Starting", null);
        var path = Path.Combine(_folder, "endpoints.json");
        using var stop = new CancellationTokenSource();
        var watching = new EndpointsFile(path, instances, instances.Select(i => i.Id).ToHashSet(), notifications).WatchAsync(stop.Token);
        for (var n = 0; n < instances.Count; n++)
        {
            Assert.False(File.Exists(path));
            await Publish(notifications, instances[n], "Running", 100 + n);
        }

        await Eventually.TrueAsync(() => File.Exists(path));
        var json = JsonNode.Parse(await File.ReadAllTextAsync(path, CancellationToken.None))!;
        var front = signaling.GetEndpoint("http").Url;
        Assert.Equal(front, (string?)json["signalingFront"]);
        Assert.Equal(instances.Where(i => i.Resource == signaling.Resource).Select(i => i.UrlOf(i.TargetPorts.Keys.Single())), json["signaling"]!.AsArray().Select(n => (string?)n));
        Assert.Equal(media.GetEndpoint("control").Url, (string?)json["media"]![0]!["control"]);
        Assert.Equal(("media-0", media.GetEndpoint("ice-udp").Port, media.GetEndpoint("ice-tcp").Port), ((string?)json["media"]![0]!["node"], (int)json["media"]![0]!["udp"]!, (int)json["media"]![0]!["tcp"]!));
        Assert.EndsWith(",password=x", (string?)json["redis"], StringComparison.Ordinal);
        Assert.Equal(["media-0", "redis", "signaling-0", "signaling-1"], json["pids"]!.AsObject().Select(p => p.Key).Order());

        await Publish(notifications, instances[0], "Running", 999);
        await Eventually.TrueAsync(async () => (int?)JsonNode.Parse(await File.ReadAllTextAsync(path))!["pids"]!["signaling-0"] == 999);
        await stop.CancelAsync();
        await watching;
    }

    private static Task Publish(ResourceNotificationService notifications, ResourceInstance instance, string state, int? pid)
        => notifications.PublishUpdateAsync(instance.Resource, instance.Id, s => s with { State = state, Properties = pid is null ? [] : [new("executable.pid", pid)] });

    private StateDirectory State() => new(new RunnerOptions { AppHostDirectory = _folder, StateDirectory = Path.Combine(_folder, "state") });

    private sealed class NoProject : IProjectMetadata
    {
        public string ProjectPath => "/none/none.csproj";
        public string BuiltAssembly => "/none/none.dll";
    }
}
