using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Runner;

/// <summary>
/// <c>endpoints.json</c>: where everything listens and which processes run. Written when everything is healthy for the first time and
/// again whenever a process id changes. A replicated resource lists its replicas and, as <c>nameFront</c>, the front; resources
/// <c>media-0</c>, <c>media-1</c> … with a control endpoint form the list <c>media</c>; what has a connection string gives that.
/// </summary>
internal sealed class EndpointsFile(string path, IReadOnlyList<ResourceInstance> instances, IReadOnlySet<string> essential, ResourceNotificationService notifications)
{
    private string? _written;

    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in notifications.WatchAsync(cancellationToken))
            {
                var all = notifications.All();
                if (_written is null && !all.Where(e => essential.Contains(e.ResourceId)).All(e => e.Snapshot.HealthStatus == HealthStatus.Healthy))
                    continue;
                await WriteAsync(all, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task WriteAsync(IReadOnlyList<ResourceEvent> all, CancellationToken cancellationToken)
    {
        var json = new JsonObject();
        foreach (var replicas in instances.GroupBy(i => i.Resource))
            await DescribeAsync(json, replicas.Key, [.. replicas], cancellationToken);
        json["pids"] = new JsonObject(all.Where(e => e.Snapshot.Pid is not null).Select(e => KeyValuePair.Create(e.ResourceId, (JsonNode?)e.Snapshot.Pid)));
        var text = json.ToJsonString();
        if (text == _written)
            return;
        PrivateFile.Write(path, text);
        _written = text;
    }

    private static async Task DescribeAsync(JsonObject json, IResource resource, IReadOnlyList<ResourceInstance> replicas, CancellationToken cancellationToken)
    {
        if (resource is IResourceWithConnectionString connected)
        {
            // A database is told under its server's name: that is what a client connects to.
            var name = resource is IResourceWithParent child ? child.Parent.Name : resource.Name;
            json[name] = await connected.GetConnectionStringAsync(cancellationToken);
            return;
        }

        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToArray();
        if (Group(resource.Name) is { } group && Find("control") is { } control)
        {
            if (json[group] is not JsonArray list)
                json[group] = list = [];
            list.Add(new JsonObject
            {
                ["node"] = resource.Name,
                ["control"] = control.AllocatedEndpoint!.UriString,
                ["http"] = Find("http")?.AllocatedEndpoint!.UriString,
                ["udp"] = Find("ice-udp")?.AllocatedEndpoint!.Port,
                ["tcp"] = Find("ice-tcp")?.AllocatedEndpoint!.Port
            });
        }
        else if (Find("http") is { } http)
        {
            if (replicas.Count > 1)
                json[resource.Name] = new JsonArray([.. replicas.Select(r => JsonValue.Create(r.UrlOf(http)))]);
            json[replicas.Count > 1 ? $"{resource.Name}Front" : resource.Name] = http.AllocatedEndpoint!.UriString;
        }

        EndpointAnnotation? Find(string name) => endpoints.FirstOrDefault(e => e.Name == name);
    }

    /// <summary><c>media</c> for <c>media-0</c>; null for a name without a number.</summary>
    private static string? Group(string name)
        => name.LastIndexOf('-') is > 0 and var dash && int.TryParse(name.AsSpan(dash + 1), out _) ? name[..dash] : null;
}
