using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Runner;

/// <summary>Gives every endpoint its port before anything starts, so that references can be handed out; a fixed port that is taken stops the start, or, for a
/// resource the app works without, is replaced by a free one.</summary>
internal static class EndpointAllocation
{
    public const string Host = "127.0.0.1";

    /// <exception cref="DistributedApplicationException">Fixed ports are taken; the message names their holders.</exception>
    public static void Allocate(IEnumerable<ResourceInstance> instances, RunnerOptions options, Ports ports)
    {
        var busy = new List<string>();
        foreach (var replicas in instances.GroupBy(i => i.Resource))
        {
            foreach (var endpoint in replicas.Key.Annotations.OfType<EndpointAnnotation>())
            {
                var front = replicas.Count() > 1;
                if (front && (!endpoint.IsProxied || endpoint.TargetPort is not null))
                    throw new DistributedApplicationException($"Resource '{replicas.Key.Name}' uses multiple replicas and a proxy-less endpoint or target port '{endpoint.Name}'. These features do not work together.");
                var wanted = endpoint.IsProxied && options.RandomizePorts ? null : endpoint.Port;
                if (wanted is { } port && !Ports.IsFree(endpoint.Protocol, port))
                {
                    if (replicas.First().Recipe is { Essential: false })
                        wanted = null;
                    else
                        busy.Add($"  {replicas.Key.Name} ({endpoint.Name}) needs {endpoint.Protocol} port {port}, which is held by {PortHolder.Describe(endpoint.Protocol, port)}.");
                }

                endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, Host, wanted ?? ports.Random());
                foreach (var instance in replicas)
                    instance.TargetPorts[endpoint] = front ? ports.Random() : endpoint.AllocatedEndpoint.Port;
            }
        }

        if (busy.Count > 0)
        {
            throw new DistributedApplicationException($"""
                These ports are taken:
                {string.Join(Environment.NewLine, busy)}
                Stop the holder, or choose other ports: they stand in {Path.Combine(options.AppHostDirectory, "appsettings.json")} and can be
                given on the command line, as in: ./realtime run --Media:BasePort=41000 --Signaling:Port=5181 --Web:Port=5281
                """);
        }
    }
}
