#pragma warning disable ASPIREPROBES001 // Probes may still change.
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Xunit;

namespace Realtime.Tests.AppHost;

/// <summary>What is the same wherever the composition is published to.</summary>
public sealed class PublishTests
{
    public static TheoryData<string> Targets => ["aca", "compose", "kubernetes"];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task HasTheServices_AndNothingForDevelopment(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        Assert.Equal(["media-0", "media-1", "signaling", "web"], model.Projects.Select(static project => project.Name).Order());
        Assert.DoesNotContain(model.Resources, static resource => resource.Name == "coturn");
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task ServicesHaveTwoReplicas_AndNodesOne(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        Assert.Equal([2, 2], new[] { "signaling", "web" }.Select(name => model[name].GetReplicaCount()));
        Assert.Equal([1, 1], new[] { "media-0", "media-1" }.Select(name => model[name].GetReplicaCount()));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task EveryServiceIsProbed(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        foreach (var project in model.Projects)
        {
            var probes = project.Annotations.OfType<EndpointProbeAnnotation>().ToDictionary(static probe => probe.Type);
            Assert.Equal(("/health", "/ready", "/alive"), (probes[ProbeType.Startup].Path, probes[ProbeType.Readiness].Path, probes[ProbeType.Liveness].Path));
            Assert.All(probes.Values, static probe => Assert.Equal(("http", 8080), (probe.EndpointReference.EndpointName, probe.EndpointReference.EndpointAnnotation.TargetPort)));
            // A start may take a minute (migrations of another replica), a drain is seen within five seconds.
            Assert.True(probes[ProbeType.Startup].PeriodSeconds * probes[ProbeType.Startup].FailureThreshold >= 60);
            Assert.True(probes[ProbeType.Readiness].PeriodSeconds * probes[ProbeType.Readiness].FailureThreshold <= 5);
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task ControlIsPrivate_AndServicesFindIt(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        foreach (var node in new[] { "media-0", "media-1" })
        {
            Assert.Equal((8081, false, false), (model.Endpoint(node, "control").TargetPort, model.Endpoint(node, "control").IsExternal, model.Endpoint(node, "control").ExcludeReferenceEndpoint));
            Assert.False(model.Endpoint(node, "http").IsExternal);
            Assert.Equal($"http://{node}:8081", (await model.ResolvedAsync(model["signaling"]))[$"services__{node}__control__0"]);
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task MediaPortsAreNobodysReference(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        Assert.All(model["media-0"].Annotations.OfType<EndpointAnnotation>().Where(static endpoint => endpoint.Name.StartsWith("ice", StringComparison.Ordinal)),
            static endpoint => Assert.True(endpoint.ExcludeReferenceEndpoint));
        Assert.DoesNotContain((await model.VariablesAsync(model["signaling"])).Keys, static name => name.Contains("__ice", StringComparison.Ordinal) || name.Contains("_ICE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("compose", 3)]
    [InlineData("aca", 4)]
    public async Task NodesAreAsManyAsAsked(string target, int count)
    {
        var model = await PublishedModel.OfAsync(target, $"--Media:Count={count}");
        var nodes = Enumerable.Range(0, count).Select(static index => $"media-{index}").ToArray();
        Assert.Equal(nodes, model.Projects.Select(static project => project.Name).Where(static name => name.StartsWith("media", StringComparison.Ordinal)).Order());
        Assert.Equal(string.Join(',', nodes), (await model.ResolvedAsync(model["signaling"]))["Media__Nodes"]);
        Assert.Equal(count, nodes.Select(name => model.Endpoint(name, "ice-tcp").TargetPort).Distinct().Count());
    }

    [Fact]
    public async Task AttachmentsHaveOneDirectory_ThatTheImagesUserOwns()
    {
        foreach (var target in new[] { "aca", "compose", "kubernetes" })
        {
            var model = await PublishedModel.OfAsync(target);
            var mount = Assert.Single(model["signaling"].Annotations.OfType<ContainerMountAnnotation>());
            Assert.Equal(("/home/app", ContainerMountType.Volume, false), (mount.Target, mount.Type, mount.IsReadOnly));
            Assert.StartsWith(mount.Target + "/", (await model.ResolvedAsync(model["signaling"]))["Attachments__Directory"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnUnknownTargetIsRefused()
        => Assert.Contains("aca, compose or kubernetes", (await Assert.ThrowsAsync<DistributedApplicationException>(() => PublishedModel.OfAsync("nomad"))).Message, StringComparison.Ordinal);
}
