using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker;
using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Xunit;

namespace Realtime.Tests.AppHost;

/// <summary>Docker Compose.</summary>
public sealed class ComposeTests
{
    [Fact]
    public async Task ANodesPortsArePublished_WithTheirProtocol()
    {
        var model = await PublishedModel.OfAsync("compose", "--Media:Workers=3");
        Assert.Equal(["40000:40000/tcp", "40000-40002:40000-40002/udp"], Service(model["media-0"]).Ports);
        Assert.Equal(["40100:40100/tcp", "40100-40102:40100-40102/udp"], Service(model["media-1"]).Ports);
        Assert.Equal("3", (await model.VariablesAsync(model["media-0"]))["Media__Workers"]);
        Assert.Equal((ProtocolType.Udp, "udp"), (model.Endpoint("media-0", "ice-udp").Protocol, model.Endpoint("media-0", "ice-udp").UriScheme));
    }

    [Theory]
    [InlineData("signaling")]
    [InlineData("web")]
    public async Task ServicesAreReachedByCaddyAlone_SoThereCanBeTwo(string name)
    {
        var service = Service((await PublishedModel.OfAsync("compose"))[name]);
        Assert.Empty(service.Ports);
        Assert.Equal(2, service.Deploy?.Replicas);
    }

    [Fact]
    public async Task NothingIsWritableOrPrivileged()
    {
        foreach (var project in (await PublishedModel.OfAsync("compose")).Projects)
        {
            var service = Service(project);
            Assert.True(service.ReadOnly);
            Assert.Equal(["/tmp"], service.Tmpfs);
            Assert.Equal(["ALL"], service.CapDrop);
            Assert.Contains("no-new-privileges:true", service.SecurityOpt);
            Assert.Equal(("unless-stopped", "45s"), (service.Restart, service.StopGracePeriod));
            Assert.Contains("/alive", service.Healthcheck!.Test[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task OnlyCaddyAndMediaHaveExternalEndpoints_BesideTheServicesItSpeaksFor()
    {
        var model = await PublishedModel.OfAsync("compose");
        var open = model.Resources.Where(static resource => resource.Annotations.OfType<EndpointAnnotation>().Any(static endpoint => endpoint.IsExternal)).Select(static resource => resource.Name);
        Assert.Equal(["caddy", "media-0", "media-1", "signaling", "web"], open.Order());
        var caddy = model.Resources.Single(static resource => resource.Name == "caddy");
        Assert.Equal([80, 443], caddy.Annotations.OfType<EndpointAnnotation>().Select(static endpoint => endpoint.Port));
        var file = caddy.Annotations.OfType<ContainerMountAnnotation>().Single(static mount => mount.Type == ContainerMountType.BindMount);
        Assert.True(file.IsReadOnly);
        Assert.True(File.Exists(file.Source), file.Source);
        foreach (var service in new[] { "signaling", "web" })
            Assert.Contains($"dynamic a {service} 8080", await File.ReadAllTextAsync(file.Source!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task DataIsKept(string name)
    {
        var store = (await PublishedModel.OfAsync("compose")).Resources.Single(resource => resource.Name == name);
        Assert.Contains(store.Annotations.OfType<ContainerMountAnnotation>(), static mount => mount is { Type: ContainerMountType.Volume, IsReadOnly: false });
        Assert.DoesNotContain(store.Annotations.OfType<EndpointAnnotation>(), static endpoint => endpoint.IsExternal);
    }

    static Service Service(IResource resource)
    {
        var service = new Service { Name = resource.Name };
        // The publisher's own: what the callback must leave out or write anew.
        service.Ports.AddRange(resource.Annotations.OfType<EndpointAnnotation>().Where(static endpoint => endpoint.IsExternal).Select(static endpoint => $"{endpoint.Port}:{endpoint.TargetPort}").Distinct());
        foreach (var customization in resource.Annotations.OfType<DockerComposeServiceCustomizationAnnotation>())
            customization.Configure(null!, service);
        return service;
    }
}
