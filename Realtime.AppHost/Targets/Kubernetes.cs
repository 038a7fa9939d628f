using Microsoft.Extensions.Configuration;

namespace Realtime.AppHost.Targets;

/// <summary>
/// Kubernetes: media nodes on the hosts' own network (UDP and TCP, one node per host), signaling and web behind an ingress, Redis and Postgres run elsewhere. The model is what
/// <c>deploy/kubernetes</c> writes out; a test holds the two together.
/// </summary>
internal sealed class Kubernetes(IDistributedApplicationBuilder builder) : DeploymentTarget(builder)
{
    private readonly IResourceBuilder<ParameterResource> _proxies = builder.AddQuestion("trusted-proxies", "Addresses or networks of your ingress controller: whose X-Forwarded-For is believed.");
    private readonly IResourceBuilder<ParameterResource> _addresses = builder.AddQuestion("announced-addresses", "Where browsers reach the host of a node: its public address.");

    public override IResourceBuilder<IResourceWithConnectionString> AddRedis(string name) => Builder.AddConnectionString(name);

    public override IResourceBuilder<IResourceWithConnectionString> AddDatabase(string server, string name) => Builder.AddConnectionString(name);

    /// <summary>Every node has a host of its own, so all have the same ports; one worker per core.</summary>
    public override void PlaceMedia(IResourceBuilder<ProjectResource> node, int index)
    {
        AddMediaPorts(node, Builder.Configuration.GetValue("Media:BasePort", 40000), workers: 0);
        node.WithEnvironment("Media__AnnouncedAddresses", _addresses);
    }

    public override void Place(IResourceBuilder<ProjectResource> signaling, IResourceBuilder<ProjectResource> web, IResourceBuilder<ParameterResource> turnSecret)
    {
        var webHost = Builder.AddQuestion("web-host", "The name under which people open the page, as in call.example.org.");
        var signalingHost = Builder.AddQuestion("signaling-host", "The name under which clients find the hub, as in signal.example.org.");
        PlaceShared(signaling, web);
        KeepAttachments(signaling);
        signaling.WithEnvironment("Network__TrustedProxies", _proxies).WithEnvironment("Network__AllowedOrigins", $"https://{webHost}");
        web.WithEnvironment("Network__TrustedProxies", _proxies).WithEnvironment("Signaling__PublicUrl", $"https://{signalingHost}");
    }
}
