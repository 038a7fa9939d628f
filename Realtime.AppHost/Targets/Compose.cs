using System.Globalization;
using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;
using Microsoft.Extensions.Configuration;

namespace Realtime.AppHost.Targets;

/// <summary>
/// Docker Compose on one machine with a public address: Redis and Postgres in volumes, Caddy before signaling and web (it gets the certificates), media straight to the machine's own ports by UDP
/// and TCP. Nothing else is published.
/// </summary>
internal sealed class Compose : DeploymentTarget
{
    /// <summary>Docker's networks: nobody but Caddy reaches the services, and Caddy believes no client's X-Forwarded-For.</summary>
    private const string DockerNetworks = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16";

    private readonly IResourceBuilder<ParameterResource> _addresses;

    public Compose(IDistributedApplicationBuilder builder)
        : base(builder)
    {
        builder.AddDockerComposeEnvironment("compose");
        _addresses = builder.AddQuestion("announced-addresses", "The machine's public address, IPv4 and IPv6, comma-separated; behind a NAT public/local.");
    }

    public override IResourceBuilder<IResourceWithConnectionString> AddRedis(string name)
        => Builder.AddRedis(name).WithDataVolume("realtime-redis").WithPersistence(TimeSpan.FromSeconds(10))
            .PublishAsDockerComposeService(static (_, service) => service.Restart = "unless-stopped");

    public override IResourceBuilder<IResourceWithConnectionString> AddDatabase(string server, string name)
        => Builder.AddPostgres(server).WithDataVolume("realtime-postgres")
            .PublishAsDockerComposeService(static (_, service) => service.Restart = "unless-stopped")
            .AddDatabase(name);

    public override void PlaceMedia(IResourceBuilder<ProjectResource> node, int index)
    {
        var workers = Builder.Configuration.GetValue("Media:Workers", 2);
        var port = Builder.Configuration.GetValue("Media:BasePort", 40000) + 100 * index;
        AddMediaPorts(node, port, workers);
        node.WithEnvironment("Media__AnnouncedAddresses", _addresses)
            .PublishAsDockerComposeService((_, service) =>
            {
                Harden(service);
                // Said anew with its protocol: without one a port is TCP.
                var last = port + workers - 1;
                service.Ports.Clear();
                service.Ports.Add(string.Create(CultureInfo.InvariantCulture, $"{port}:{port}/tcp"));
                service.Ports.Add(string.Create(CultureInfo.InvariantCulture, $"{port}-{last}:{port}-{last}/udp"));
            });
    }

    public override void Place(IResourceBuilder<ProjectResource> signaling, IResourceBuilder<ProjectResource> web, IResourceBuilder<ParameterResource> turnSecret)
    {
        var webHost = Builder.AddQuestion("web-host", "The name under which people open the page, as in call.example.org; it points to this machine.");
        var signalingHost = Builder.AddQuestion("signaling-host", "The name under which clients find the hub, as in signal.example.org; it points to this machine.");
        PlaceShared(signaling, web);
        KeepAttachments(signaling);
        signaling
            .WithEnvironment("Network__TrustedProxies", DockerNetworks)
            .WithEnvironment("Network__AllowedOrigins", $"https://{webHost}")
            .PublishAsDockerComposeService(static (_, service) => Behind(service, replicas: 2));
        web
            .WithEnvironment("Network__TrustedProxies", DockerNetworks)
            .WithEnvironment("Signaling__PublicUrl", $"https://{signalingHost}")
            .PublishAsDockerComposeService(static (_, service) => Behind(service, replicas: 2));
        Builder.AddContainer("caddy", "library/caddy", "2")
            .WithBindMount("Caddyfile", "/etc/caddy/Caddyfile", isReadOnly: true)
            .WithVolume("realtime-caddy", "/data")
            .WithEndpoint(port: 80, targetPort: 80, scheme: "http", name: "http", isExternal: true)
            .WithEndpoint(port: 443, targetPort: 443, scheme: "https", name: "https", isExternal: true)
            .WithEnvironment("WEB_HOST", webHost)
            .WithEnvironment("SIGNALING_HOST", signalingHost)
            .WaitFor(signaling).WaitFor(web)
            .PublishAsDockerComposeService(static (_, service) => service.Restart = "unless-stopped");
    }

    /// <summary>Reached by Caddy alone: no port of the machine, so there may be several.</summary>
    private static void Behind(Service service, int replicas)
    {
        Harden(service);
        service.Ports.Clear();
        service.Deploy = new Deploy { Replicas = replicas };
    }

    /// <summary>The image's own user has no rights to begin with; this leaves it none to gain, and nothing to write to but /tmp and volumes.</summary>
    private static void Harden(Service service)
    {
        service.Restart = "unless-stopped";
        service.ReadOnly = true;
        service.Tmpfs.Add("/tmp");
        service.CapDrop.Add("ALL");
        service.SecurityOpt.Add("no-new-privileges:true");
        service.StopGracePeriod = string.Create(CultureInfo.InvariantCulture, $"{StopSeconds}s");
        // The image has a shell that speaks TCP, and no program that speaks HTTP.
        service.Healthcheck = new Healthcheck
        {
            Test = ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET /alive HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3; head -n 1 <&3 | grep -q ' 200 '"],
            Interval = "10s",
            Timeout = "5s",
            Retries = 3,
            StartPeriod = "30s",
        };
    }
}
