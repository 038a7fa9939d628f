using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Azure;
using Azure.Provisioning.AppContainers;
using Xunit;

namespace Realtime.Tests.AppHost;

/// <summary>Azure Container Apps. What its publisher refuses (UDP, external TCP, two external groups) must not be in the model.</summary>
public sealed class ContainerAppsTests
{
    [Theory]
    [InlineData("media-0", 40000)]
    [InlineData("media-1", 40001)]
    public async Task ANodeIsReachedByTcp_AtAPortOfItsOwn_AndControlStaysInside(string node, int port)
    {
        var ingress = App(await PublishedModel.OfAsync("aca"), node).Configuration.Ingress;
        Assert.Equal((true, port, port, ContainerAppIngressTransportMethod.Tcp), (ingress.External!.Value, ingress.TargetPort!.Value, ingress.ExposedPort!.Value, ingress.Transport!.Value));
        var control = Assert.Single(ingress.AdditionalPortMappings).Value!;
        Assert.Equal((false, 8081, 8081), (control.External!.Value, control.TargetPort!.Value, control.ExposedPort!.Value));
    }

    [Fact]
    public async Task ANodeIsOneReplica_AndMayDrain()
    {
        var app = App(await PublishedModel.OfAsync("aca"), "media-0");
        Assert.Equal((1, 1), (app.Template.Scale.MinReplicas!.Value, app.Template.Scale.MaxReplicas!.Value));
        Assert.Equal(ContainerAppActiveRevisionsMode.Single, app.Configuration.ActiveRevisionsMode!.Value);
        Assert.True(app.Template.TerminationGracePeriodSeconds!.Value >= 30);
    }

    [Theory]
    [InlineData("signaling", 2, 10)]
    [InlineData("web", 2, 4)]
    public async Task ServicesScaleByConnections_AndProcessor(string service, int least, int most)
    {
        var scale = App(await PublishedModel.OfAsync("aca"), service).Template.Scale;
        Assert.Equal((least, most), (scale.MinReplicas!.Value, scale.MaxReplicas!.Value));
        var rules = scale.Rules.ToDictionary(static rule => rule.Value!.Name!.Value!, static rule => rule.Value!);
        Assert.True(int.Parse(rules["connections"].Http.Metadata["concurrentRequests"].Value!, System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.Equal(("cpu", "Utilization"), (rules["processor"].Custom.CustomScaleRuleType!.Value, rules["processor"].Custom.Metadata["type"].Value));
    }

    [Fact]
    public async Task NoEndpointIsWhatThePublisherRefuses()
    {
        var model = await PublishedModel.OfAsync("aca");
        foreach (var project in model.Projects)
        {
            var endpoints = project.Annotations.OfType<EndpointAnnotation>().ToArray();
            Assert.All(endpoints, static endpoint => Assert.Contains(endpoint.Transport, new[] { "http", "http2", "tcp" }));
            Assert.All(endpoints, static endpoint => Assert.False(endpoint.IsExternal && endpoint.Transport == "tcp"));
            Assert.All(endpoints, static endpoint => Assert.NotNull(endpoint.TargetPort));
            Assert.True(endpoints.Count(static endpoint => endpoint.IsExternal) <= 1);
        }

        Assert.True(model.Endpoint("signaling", "http").IsExternal);
        Assert.True(model.Endpoint("web", "http").IsExternal);
    }

    [Fact]
    public async Task RedisAndPostgresAreManaged_WithKeysAndPasswords()
    {
        var model = await PublishedModel.OfAsync("aca");
        Assert.True(Assert.Single(model.Resources.OfType<AzureManagedRedisResource>()).UseAccessKeyAuthentication);
        Assert.True(Assert.Single(model.Resources.OfType<AzurePostgresFlexibleServerResource>()).UsePasswordAuthentication);
        Assert.DoesNotContain(model.Resources, static resource => resource is ContainerResource);
    }

    [Fact]
    public async Task NodesAnnounceTheEnvironmentsAddress_AndOpenNoUdp()
    {
        var model = await PublishedModel.OfAsync("aca");
        var variables = await model.VariablesAsync(model["media-0"]);
        var address = Assert.Single(Assert.IsType<ReferenceExpression>(variables["Media__AnnouncedAddresses"]).ValueProviders);
        Assert.Equal(("STATIC_IP", "apps"), (Assert.IsType<BicepOutputReference>(address).Name, ((BicepOutputReference)address).Resource.Name));
        Assert.Equal("false", variables["Media__Udp"]);
    }

    [Fact]
    public async Task SignalingLetsTheWebsPagesIn()
    {
        var model = await PublishedModel.OfAsync("aca");
        var origin = Assert.IsType<EndpointReference>((await model.VariablesAsync(model["signaling"]))["Network__AllowedOrigins"]);
        Assert.Equal(("web", "http"), (origin.Resource.Name, origin.EndpointName));
    }

    static ContainerApp App(PublishedModel model, string name)
    {
        var app = new ContainerApp("app");
        foreach (var customization in model[name].Annotations.OfType<AzureContainerAppCustomizationAnnotation>())
            customization.Configure(null!, app);
        return app;
    }
}
