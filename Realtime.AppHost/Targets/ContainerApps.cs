using System.Globalization;
using Aspire.Hosting.Azure;
using Aspire.Hosting.Azure.AppContainers;
using Azure.Provisioning;
using Azure.Provisioning.AppContainers;

namespace Realtime.AppHost.Targets;

/// <summary>
/// Azure Container Apps, in a network of its own, with managed Postgres and Redis. There is no UDP and replicas cannot be told apart, so each media node is an app of one replica, reached by
/// ICE-TCP at a port of its own of the environment's address; its control port stays inside.
/// </summary>
internal sealed class ContainerApps : DeploymentTarget
{
    /// <summary>The first media port; every node has the next one: ports are unique within an environment.</summary>
    public const int FirstMediaPort = 40000;

    /// <summary>Connections for which one more replica of signaling is started: a tenth of what it takes at most (<c>Limits:MaxConnections</c>), so that a lost replica's people find room.</summary>
    public const int ConnectionsPerReplica = 2000;

    private const string Subnet = "10.0.0.0/23";

    /// <summary>Where the ingress speaks from: the apps' subnet and the addresses that the platform keeps for itself.</summary>
    private const string Ingress = Subnet + ",100.100.0.0/16";

    private const string AddressOutput = "STATIC_IP";

    private readonly IResourceBuilder<AzureContainerAppEnvironmentResource> _environment;

    public ContainerApps(IDistributedApplicationBuilder builder)
        : base(builder)
    {
        // TCP from outside needs an environment in a network of one's own; that cannot be changed later.
        var network = builder.AddAzureVirtualNetwork("network");
        _environment = builder.AddAzureContainerAppEnvironment("apps")
            .WithDelegatedSubnet(network.AddSubnet("apps-subnet", Subnet))
            .ConfigureInfrastructure(static infrastructure =>
            {
                var environment = infrastructure.GetProvisionableResources().OfType<ContainerAppManagedEnvironment>().Single();
                infrastructure.Add(new ProvisioningOutput(AddressOutput, typeof(string)) { Value = environment.StaticIP.ToBicepExpression() });
            });
    }

    public override IResourceBuilder<IResourceWithConnectionString> AddRedis(string name) => Builder.AddAzureManagedRedis(name).WithAccessKeyAuthentication();

    public override IResourceBuilder<IResourceWithConnectionString> AddDatabase(string server, string name)
        => Builder.AddAzurePostgresFlexibleServer(server).WithPasswordAuthentication().AddDatabase(name);

    public override void PlaceMedia(IResourceBuilder<ProjectResource> node, int index)
    {
        var port = FirstMediaPort + index;
        var address = new BicepOutputReference(AddressOutput, _environment.Resource);
        node
            // As TCP these two become ports inside the environment, and the way to browsers can be the app's own ingress.
            .WithEndpoint("http", static endpoint => endpoint.Transport = "tcp")
            .WithEndpoint("control", static endpoint => endpoint.Transport = "tcp")
            .WithEndpoint(targetPort: port, name: "ice-tcp", scheme: "tcp", env: "Media__TcpPort")
            .WithEndpoint("ice-tcp", static endpoint => endpoint.ExcludeReferenceEndpoint = true)
            .WithEnvironment("Media__Udp", "false")
            .WithEnvironment("Media__Workers", "1")
            .WithEnvironment("Media__AnnouncedAddresses", ReferenceExpression.Create($"{address}"))
            .DisableForwardedHeaders()
            .PublishAsAzureContainerApp((_, app) =>
            {
                app.Configuration.ActiveRevisionsMode = ContainerAppActiveRevisionsMode.Single;
                var ingress = new ContainerAppIngressConfiguration
                {
                    External = true,
                    Transport = ContainerAppIngressTransportMethod.Tcp,
                    TargetPort = port,
                    ExposedPort = port,
                };
                ingress.AdditionalPortMappings.Add(new IngressPortMapping { External = false, TargetPort = ControlPort!.Value, ExposedPort = ControlPort!.Value });
                app.Configuration.Ingress = ingress;
                // A second replica would be a second node of the same name.
                app.Template.Scale = new ContainerAppScale { MinReplicas = 1, MaxReplicas = 1 };
                app.Template.TerminationGracePeriodSeconds = StopSeconds;
            });
    }

    public override void Place(IResourceBuilder<ProjectResource> signaling, IResourceBuilder<ProjectResource> web, IResourceBuilder<ParameterResource> turnSecret)
    {
        PlaceShared(signaling, web);
        KeepAttachments(signaling);
        signaling
            .WithEnvironment("Network__TrustedProxies", Ingress)
            .WithEnvironment("Network__AllowedOrigins", web.GetEndpoint("http"))
            .PublishAsAzureContainerApp(static (_, app) => Scale(app, 2, 10, ConnectionsPerReplica));
        web
            .WithEnvironment("Network__TrustedProxies", Ingress)
            .PublishAsAzureContainerApp(static (_, app) => Scale(app, 2, 4, 500));
    }

    private static void Scale(ContainerApp app, int least, int most, int connections)
    {
        var scale = new ContainerAppScale { MinReplicas = least, MaxReplicas = most };
        scale.Rules.Add(new ContainerAppScaleRule
        {
            Name = "connections",
            Http = new ContainerAppHttpScaleRule { Metadata = { ["concurrentRequests"] = connections.ToString(CultureInfo.InvariantCulture) } },
        });
        scale.Rules.Add(new ContainerAppScaleRule
        {
            Name = "processor",
            Custom = new ContainerAppCustomScaleRule { CustomScaleRuleType = "cpu", Metadata = { ["type"] = "Utilization", ["value"] = "70" } },
        });
        app.Template.Scale = scale;
        app.Template.TerminationGracePeriodSeconds = StopSeconds;
    }
}
