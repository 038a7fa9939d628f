using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.Runner;
using Aspire.Hosting.Testing;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Minimal.Hosting;

/// <summary>What the AppHost's processes are told, by the names the services read.</summary>
public sealed class LaunchEnvironmentTests : IAsyncDisposable
{
    private IDistributedApplicationTestingBuilder? _builder;

    private readonly int _basePort = FreePort.MediaBase(nodes: 2);

    public ValueTask DisposeAsync() => _builder?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task SignalingIsToldItsStoresItsNodesAndItsSecrets()
    {
        var (instances, execution) = await AllocatedAsync();
        var variables = await LaunchEnvironment.VariablesAsync(instances["signaling-1"], execution, CancellationToken.None);
        Assert.Equal("signaling-1", variables["Realtime__Replica"]);
        Assert.Equal($"http://127.0.0.1:{Target(instances["signaling-1"], "http")}", variables["ASPNETCORE_URLS"]);
        Assert.Equal("Development", variables["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("127.0.0.1,::1", variables["Network__TrustedProxies"]);
        Assert.StartsWith($"127.0.0.1:{Target(instances["redis"], "tcp")},password=", variables["ConnectionStrings__redis"], StringComparison.Ordinal);
        Assert.Equal(variables["REDIS_PASSWORD"], variables["ConnectionStrings__redis"].Split('=')[1]);
        Assert.Contains($"Port={Target(instances["postgres"], "tcp")};Username=postgres;", variables["ConnectionStrings__realtimedb"], StringComparison.Ordinal);
        Assert.EndsWith(";Database=realtimedb", variables["ConnectionStrings__realtimedb"], StringComparison.Ordinal);
        Assert.Equal("media-0,media-1", variables["Media__Nodes"]);
        Assert.Equal($"http://127.0.0.1:{Target(instances["media-1"], "control")}", variables["services__media-1__control__0"]);
        Assert.DoesNotContain("services__media-0__http__0", variables.Keys);
        Assert.DoesNotContain(variables.Keys, k => k.Contains("_ice", StringComparison.OrdinalIgnoreCase));
        Assert.Equal($"turn:127.0.0.1:{Target(instances["coturn"], "turn")}?transport=udp", variables["Turn__Urls"]);
        var media = await LaunchEnvironment.VariablesAsync(instances["media-0"], execution, CancellationToken.None);
        Assert.Equal(media["Media__ControlSecret"], variables["Media__ControlSecret"]);
        Assert.True(variables["Media__ControlSecret"].Length >= 32);
    }

    [Fact]
    public async Task AMediaNodeIsToldItsPorts()
    {
        var (instances, execution) = await AllocatedAsync();
        var variables = await LaunchEnvironment.VariablesAsync(instances["media-1"], execution, CancellationToken.None);
        var port = (_basePort + 100).ToString(CultureInfo.InvariantCulture);
        Assert.Equal(("media-1", port, port), (variables["Media__Node"], variables["Media__UdpPort"], variables["Media__TcpPort"]));
        Assert.Equal(Target(instances["media-1"], "control").ToString(CultureInfo.InvariantCulture), variables["Media__ControlPort"]);
        // The control endpoint is told by its own variable and so is not among the addresses Kestrel binds by itself.
        Assert.Equal($"http://127.0.0.1:{Target(instances["media-1"], "http")}", variables["ASPNETCORE_URLS"]);
        Assert.DoesNotContain("Realtime__Replica", variables.Keys);
    }

    [Fact]
    public async Task ReplicasListenApart_AndTheWebSeesTheirFront()
    {
        var (instances, execution) = await AllocatedAsync();
        var front = instances["signaling-0"].TargetPorts.Keys.Single().AllocatedEndpoint!.Port;
        int[] ports = [Target(instances["signaling-0"], "http"), Target(instances["signaling-1"], "http"), front];
        Assert.Equal(3, ports.Distinct().Count());
        var variables = await LaunchEnvironment.VariablesAsync(instances["web"], execution, CancellationToken.None);
        Assert.Equal($"http://127.0.0.1:{front}", variables["services__signaling__http__0"]);
        Assert.Equal($"http://127.0.0.1:{front}", variables["SIGNALING_HTTP"]);
    }

    [Fact]
    public async Task SecretsReachCoturnAsAnArgument()
    {
        var (instances, _) = await AllocatedAsync("--Parameters:turn-secret=abc");
        Assert.Contains("--static-auth-secret=abc", await LaunchEnvironment.ArgumentsAsync(instances["coturn"], CancellationToken.None));
    }

    private async Task<(Dictionary<string, ResourceInstance> Instances, DistributedApplicationExecutionContext Execution)> AllocatedAsync(params string[] args)
    {
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Realtime_AppHost>([$"--Media:BasePort={_basePort}", .. args]);
        var instances = ResourceInstance.Of(_builder.Resources);
        EndpointAllocation.Allocate(instances, RunnerOptions.Read(_builder.Configuration, _builder.AppHostDirectory), new Ports());
        return (instances.ToDictionary(i => i.Id), _builder.ExecutionContext);
    }

    private static int Target(ResourceInstance instance, string endpoint) => instance.TargetPorts.Single(p => p.Key.Name == endpoint).Value;
}
