using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Realtime.AppHost.Targets;

/// <summary>Run mode: everything on one machine, for development. Ports of services are chosen at the start, those of media are fixed.</summary>
internal sealed class ThisMachine(IDistributedApplicationBuilder builder) : DeploymentTarget(builder)
{
    public override int? HttpPort => null;

    public override int? ControlPort => null;

    public override IResourceBuilder<IResourceWithConnectionString> AddRedis(string name)
        => Builder.AddRedis(name).WithDataVolume("realtime-redis").WithPersistence(TimeSpan.FromSeconds(10));

    public override IResourceBuilder<IResourceWithConnectionString> AddDatabase(string server, string name)
        => Builder.AddPostgres(server).WithDataVolume("realtime-postgres").AddDatabase(name);

    /// <summary>Browsers send here directly, so the ports are fixed and no proxy stands before them; no service refers to them.</summary>
    public override void PlaceMedia(IResourceBuilder<ProjectResource> node, int index)
    {
        var port = Builder.Configuration.GetValue("Media:BasePort", 40000) + 100 * index;
        node.WithEndpoint(name: "ice-udp", scheme: "udp", port: port, isProxied: false, protocol: ProtocolType.Udp, env: "Media__UdpPort")
            .WithEndpoint(name: "ice-tcp", scheme: "tcp", port: port, isProxied: false, env: "Media__TcpPort")
            .WithEndpoint("ice-udp", static endpoint => endpoint.ExcludeReferenceEndpoint = true)
            .WithEndpoint("ice-tcp", static endpoint => endpoint.ExcludeReferenceEndpoint = true)
            .WithEnvironment("Media__Workers", "1");
        Develop(node);
    }

    public override void Place(IResourceBuilder<ProjectResource> signaling, IResourceBuilder<ProjectResource> web, IResourceBuilder<ParameterResource> turnSecret)
    {
        // TURN for browsers that reach no media node directly; nothing waits for it, and the app works without.
        var coturn = Builder.AddContainer("coturn", "coturn/coturn", "4.6")
            .WithEndpoint(port: 3478, targetPort: 3478, scheme: "udp", name: "turn", protocol: ProtocolType.Udp)
            .WithContainerRuntimeArgs("-p", "49160-49200:49160-49200/udp")
            .WithArgs("--use-auth-secret", "--realm=realtime", "--min-port=49160", "--max-port=49200", "--fingerprint")
            .WithMediaPeersOnly(Builder.Configuration["Media:AnnouncedAddresses"] ?? "127.0.0.1")
            .WithArgs(context => context.Args.Add(ReferenceExpression.Create($"--static-auth-secret={turnSecret}")));
        signaling.WithEnvironment("Turn__Urls", $"turn:{coturn.GetEndpoint("turn").Property(EndpointProperty.HostAndPort)}?transport=udp");
        Develop(signaling);
        Develop(web);
    }

    /// <summary>Every hop in front of a service is a proxy on this machine.</summary>
    private static void Develop(IResourceBuilder<ProjectResource> service)
        => service.WithEnvironment("ASPNETCORE_ENVIRONMENT", "Development").WithEnvironment("Network__TrustedProxies", "127.0.0.1,::1");
}
