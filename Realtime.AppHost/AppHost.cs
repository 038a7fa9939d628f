using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Realtime.AppHost;

var builder = DistributedApplication.CreateBuilder(args);
var isRun = builder.ExecutionContext.IsRunMode;

// Secrets that services share; generated on the first start and kept.
var generated = new GenerateParameterDefault { MinLength = 48, Special = false };
var mediaControlSecret = builder.AddParameter("media-control-secret", generated, secret: true, persist: true)
    .WithDescription("Signs the tokens with which signaling commands the media nodes.");
var turnSecret = builder.AddParameter("turn-secret", generated, secret: true, persist: true)
    .WithDescription("Signs the short-lived TURN credentials that signaling hands to browsers.");
var protectionSecret = builder.AddParameter("protection-secret", generated, secret: true, persist: true)
    .WithDescription("Encrypts what signaling keeps secret at rest: the secrets of webhooks.");
var consoleSecret = builder.AddParameter("console-secret", generated, secret: true, persist: true)
    .WithDescription("Signs the tokens with which the operators' console asks signaling.");

// State: Postgres holds the truth, Redis carries what may be lost.
var redis = builder.AddRedis("redis").WithDataVolume("realtime-redis").WithPersistence(TimeSpan.FromSeconds(10));
var postgres = builder.AddPostgres("postgres").WithDataVolume("realtime-postgres");
var database = postgres.AddDatabase("realtimedb");

// Media nodes are resources of their own, not replicas: a room lives on one node, and browsers send to that node's own ports.
string[] nodes = ["media-0", "media-1"];
var media = nodes.Select(AddMediaNode).ToArray();

// Signaling: the hub, the REST API and the rules; any replica serves any connection.
var signaling = builder.AddProject<Projects.Realtime_Signaling>("signaling", launchProfileName: null)
    .WithHttpEndpoint(port: isRun ? builder.Configuration.GetValue("Signaling:Port", 5180) : null)
    .WithReplicas(2)
    .WithReference(redis).WaitFor(redis)
    .WithReference(database).WaitFor(database)
    .WithEnvironment("Media__Nodes", string.Join(',', nodes))
    .WithEnvironment("Media__ControlSecret", mediaControlSecret)
    .WithEnvironment("Turn__Secret", turnSecret)
    .WithEnvironment("Protection__Secret", protectionSecret)
    .WithEnvironment("Auth__Keys__console__Id", "console").WithEnvironment("Auth__Keys__console__Secrets__0", consoleSecret)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithResetCircuitsCommand();
foreach (var node in media)
{
    signaling.WithReference(node).WaitFor(node);
    node.WithDrainCommand(signaling);
}

// Web: the operators' console and the join page.
var web = builder.AddProject<Projects.Realtime_Web>("web", launchProfileName: null)
    .WithHttpEndpoint(port: isRun ? builder.Configuration.GetValue("Web:Port", 5280) : null)
    .WithReference(signaling).WaitFor(signaling)
    .WithEnvironment("Console__KeyId", "console").WithEnvironment("Console__KeySecret", consoleSecret)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints();

if (isRun)
{
    // TURN for browsers that reach no media node directly; nothing waits for it, and the app works without.
    var coturn = builder.AddContainer("coturn", "coturn/coturn", "4.6")
        .WithEndpoint(port: 3478, targetPort: 3478, scheme: "udp", name: "turn", protocol: ProtocolType.Udp)
        .WithContainerRuntimeArgs("-p", "49160-49200:49160-49200/udp")
        .WithArgs("--use-auth-secret", "--realm=realtime", "--min-port=49160", "--max-port=49200", "--fingerprint")
        .WithMediaPeersOnly(builder.Configuration["Media:AnnouncedAddresses"] ?? "127.0.0.1")
        .WithArgs(context => context.Args.Add(ReferenceExpression.Create($"--static-auth-secret={turnSecret}")));
    signaling.WithEnvironment("Turn__Urls", $"turn:{coturn.GetEndpoint("turn").Property(EndpointProperty.HostAndPort)}?transport=udp");

    // In run mode every hop in front of a service is a proxy on this machine.
    foreach (var service in media.Append(signaling).Append(web))
        service.WithEnvironment("ASPNETCORE_ENVIRONMENT", "Development").WithEnvironment("Network__TrustedProxies", "127.0.0.1,::1");
}

builder.Build().Run();

IResourceBuilder<ProjectResource> AddMediaNode(string name, int index)
{
    var node = builder.AddProject<Projects.Realtime_Media>(name, launchProfileName: null)
        .WithHttpEndpoint(name: "http", targetPort: isRun ? null : 8080)
        .WithHttpEndpoint(name: "control", targetPort: isRun ? null : 8081, env: "Media__ControlPort")
        .WithEndpoint("control", endpoint => endpoint.Transport = "http2")
        .WithEnvironment("Media__Node", name)
        .WithEnvironment("Media__ControlSecret", mediaControlSecret)
        // 4 MiB (hexadecimal) of garbage before it is collected; by the size of the processor's cache it would be a hundred kilobytes per peer who joined.
        .WithEnvironment("DOTNET_GCgen0size", "400000")
        .WithHttpHealthCheck("/health", endpointName: "http");
    if (!isRun)
        return node;

    // Browsers send here directly, so the ports are fixed and no proxy stands before them; no service refers to them.
    var icePort = builder.Configuration.GetValue("Media:BasePort", 40000) + 100 * index;
    return node
        .WithEndpoint(name: "ice-udp", scheme: "udp", port: icePort, isProxied: false, protocol: ProtocolType.Udp, env: "Media__UdpPort")
        .WithEndpoint(name: "ice-tcp", scheme: "tcp", port: icePort, isProxied: false, env: "Media__TcpPort")
        .WithEndpoint("ice-udp", endpoint => endpoint.ExcludeReferenceEndpoint = true)
        .WithEndpoint("ice-tcp", endpoint => endpoint.ExcludeReferenceEndpoint = true)
        .WithEnvironment("Media__Workers", "1");
}
