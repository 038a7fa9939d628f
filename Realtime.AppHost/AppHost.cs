using Microsoft.Extensions.Configuration;
using Realtime.AppHost;
using Realtime.AppHost.Targets;

var builder = DistributedApplication.CreateBuilder(args);

// This machine in run mode; when published, what Deploy:Target says: aca (Azure Container Apps), compose (Docker Compose) or kubernetes.
var target = DeploymentTarget.Of(builder);
var isRun = builder.ExecutionContext.IsRunMode;

// Secrets that services share; generated on the first start and kept.
var mediaControlSecret = builder.AddSecret("media-control-secret", "Signs the tokens with which signaling commands the media nodes.");
var turnSecret = builder.AddSecret("turn-secret", "Signs the short-lived TURN credentials that signaling hands to browsers.");
var protectionSecret = builder.AddSecret("protection-secret", "Encrypts what signaling keeps secret at rest: the secrets of webhooks.");
var consoleSecret = builder.AddSecret("console-secret", "Signs the tokens with which the operators' console asks signaling.");

// State: Postgres holds the truth, Redis carries what may be lost.
var redis = target.AddRedis("redis");
var database = target.AddDatabase("postgres", "realtimedb");

// Media nodes are resources of their own, not replicas: a room lives on one node, and browsers send to that node's own ports.
var nodes = Enumerable.Range(0, builder.Configuration.GetValue("Media:Count", 2)).Select(static index => $"media-{index}").ToArray();
var media = nodes.Select(AddMediaNode).ToArray();

// Signaling: the hub, the REST API and the rules; any replica serves any connection.
var signaling = builder.AddProject<Projects.Realtime_Signaling>("signaling", launchProfileName: null)
    .WithHttpEndpoint(port: isRun ? builder.Configuration.GetValue("Signaling:Port", 5180) : null, targetPort: target.HttpPort)
    .WithReplicas(2)
    .WithReference(redis).WaitFor(redis)
    .WithReference(database).WaitFor(database)
    .WithEnvironment("Media__Nodes", string.Join(',', nodes))
    .WithEnvironment("Media__ControlSecret", mediaControlSecret)
    .WithEnvironment("Turn__Secret", turnSecret)
    .WithEnvironment("Protection__Secret", protectionSecret)
    .WithEnvironment("Auth__Keys__console__Id", "console").WithEnvironment("Auth__Keys__console__Secrets__0", consoleSecret)
    .WithHealthProbes()
    .WithExternalHttpEndpoints()
    .WithResetCircuitsCommand();
foreach (var node in media)
{
    signaling.WithReference(node).WaitFor(node);
    node.WithDrainCommand(signaling);
}

// Web: the operators' console and the join page. Its replicas share their accounts and keys in the database.
var web = builder.AddProject<Projects.Realtime_Web>("web", launchProfileName: null)
    .WithHttpEndpoint(port: isRun ? builder.Configuration.GetValue("Web:Port", 5280) : null, targetPort: target.HttpPort)
    .WithReference(signaling).WaitFor(signaling)
    .WithReference(database)
    .WithEnvironment("Console__KeyId", "console").WithEnvironment("Console__KeySecret", consoleSecret)
    .WithHealthProbes()
    .WithExternalHttpEndpoints();

// What the place decides: who stands before them, how browsers find them, TURN, volumes, replicas, scale.
target.Place(signaling, web, turnSecret);

builder.Build().Run();

IResourceBuilder<ProjectResource> AddMediaNode(string name, int index)
{
    var node = builder.AddProject<Projects.Realtime_Media>(name, launchProfileName: null)
        .WithHttpEndpoint(name: "http", targetPort: target.HttpPort)
        .WithHttpEndpoint(name: "control", targetPort: target.ControlPort, env: "Media__ControlPort")
        .WithEndpoint("control", static endpoint => endpoint.Transport = "http2")
        .WithEndpoint("http", static endpoint => endpoint.ExcludeReferenceEndpoint = true)
        .WithEnvironment("Media__Node", name)
        .WithEnvironment("Media__ControlSecret", mediaControlSecret)
        // 4 MiB (hexadecimal) of garbage before it is collected; by the size of the processor's cache it would be a hundred kilobytes per peer who joined.
        .WithEnvironment("DOTNET_GCgen0size", "400000")
        .WithHealthProbes();
    target.PlaceMedia(node, index);
    return node;
}
