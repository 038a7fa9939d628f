using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Xunit;

namespace Realtime.Tests.AppHost;

/// <summary>The composition as the AppHost declares it, without starting anything; the same under both package sets.</summary>
public sealed class ModelTests
{
    [Fact]
    public async Task HasTheNamedResources()
    {
        var resources = await ResourcesAsync();
        string[] expected = ["redis", "postgres", "realtimedb", "media-0", "media-1", "signaling", "web", "coturn", "media-control-secret", "turn-secret", "protection-secret"];
        Assert.Superset(expected.ToHashSet(), resources.Select(r => r.Name).ToHashSet());
    }

    [Fact]
    public async Task SignalingHasTwoReplicas_AndMediaNodesHaveNone()
    {
        var resources = await ResourcesAsync();
        Assert.Equal(2, Assert.Single(Of(resources, "signaling").OfType<ReplicaAnnotation>()).Replicas);
        Assert.DoesNotContain(Of(resources, "media-0").OfType<ReplicaAnnotation>(), r => r.Replicas > 1);
    }

    [Theory]
    [InlineData("media-0", 43210)]
    [InlineData("media-1", 43310)]
    public async Task MediaPortsAreFixed_WithoutProxy_AndNoServiceRefersToThem(string node, int port)
    {
        var resources = await ResourcesAsync("--Media:BasePort=43210");
        foreach (var (name, protocol) in new[] { ("ice-udp", ProtocolType.Udp), ("ice-tcp", ProtocolType.Tcp) })
        {
            var endpoint = Endpoint(resources, node, name);
            Assert.Equal((port, protocol, false, true), (endpoint.Port, endpoint.Protocol, endpoint.IsProxied, endpoint.ExcludeReferenceEndpoint));
        }

        Assert.Equal("http2", Endpoint(resources, node, "control").Transport);
        Assert.False(Endpoint(resources, node, "control").ExcludeReferenceEndpoint);
    }

    [Theory]
    [InlineData("signaling", 5180)]
    [InlineData("web", 5280)]
    public async Task PeopleFindTheServicesAtStablePorts(string resource, int port)
    {
        var endpoint = Endpoint(await ResourcesAsync(), resource, "http");
        Assert.Equal((port, true), (endpoint.Port, endpoint.IsExternal));
    }

    [Theory]
    [InlineData("signaling", new[] { "redis", "postgres", "realtimedb", "media-0", "media-1" })]
    [InlineData("web", new[] { "signaling" })]
    [InlineData("media-0", new string[0])]
    public async Task WaitsForWhatItNeeds(string resource, string[] dependencies)
        => Assert.Equal(dependencies.Order(), Of(await ResourcesAsync(), resource).OfType<WaitAnnotation>().Select(w => w.Resource.Name).Distinct().Order());

    [Fact]
    public async Task NothingWaitsForCoturn()
        => Assert.DoesNotContain((await ResourcesAsync()).SelectMany(r => r.Annotations).OfType<WaitAnnotation>(), w => w.Resource.Name == "coturn");

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    [InlineData("realtimedb")]
    [InlineData("media-0")]
    [InlineData("media-1")]
    [InlineData("signaling")]
    [InlineData("web")]
    public async Task HealthIsChecked(string resource) => Assert.NotEmpty(Of(await ResourcesAsync(), resource).OfType<HealthCheckAnnotation>());

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task DataIsKept(string resource) => Assert.Contains(Of(await ResourcesAsync(), resource).OfType<ContainerMountAnnotation>(), m => !m.IsReadOnly);

    [Theory]
    [InlineData("media-1", "drain")]
    [InlineData("signaling", "reset")]
    public async Task OperatorsHaveCommands(string resource, string command)
        => Assert.Contains(Of(await ResourcesAsync(), resource).OfType<ResourceCommandAnnotation>(), c => c.Name == command);

    private static async Task<IResourceCollection> ResourcesAsync(params string[] args)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Realtime_AppHost>(args);
        return builder.Resources;
    }

    private static ResourceAnnotationCollection Of(IResourceCollection resources, string name) => resources.Single(r => r.Name == name).Annotations;

    private static EndpointAnnotation Endpoint(IResourceCollection resources, string resource, string name)
        => Of(resources, resource).OfType<EndpointAnnotation>().Single(e => e.Name == name);
}
