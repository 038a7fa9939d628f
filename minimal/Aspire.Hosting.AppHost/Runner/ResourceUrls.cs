using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Runner;

/// <summary>The links of an instance: its public addresses, and behind a front its own as internal ones (<c>http target port</c>).</summary>
internal static class ResourceUrls
{
    public static ImmutableArray<UrlSnapshot> Of(ResourceInstance instance)
    {
        var urls = ImmutableArray.CreateBuilder<UrlSnapshot>();
        foreach (var (endpoint, port) in instance.TargetPorts)
        {
            var link = new ResourceUrlAnnotation { Url = endpoint.AllocatedEndpoint!.UriString, Endpoint = new((IResourceWithEndpoints)instance.Resource, endpoint.Name) };
            foreach (var change in instance.Resource.Annotations.OfType<EndpointUrlCallbackAnnotation>().Where(c => c.EndpointName == endpoint.Name))
                change.Callback(link);
            urls.Add(new UrlSnapshot(endpoint.Name, new Uri(new Uri(endpoint.AllocatedEndpoint.UriString), link.Url).ToString().TrimEnd('/'), false));
            if (port != endpoint.AllocatedEndpoint.Port)
                urls.Add(new UrlSnapshot($"{endpoint.Name} target port", instance.UrlOf(endpoint), true));
        }

        return urls.ToImmutable();
    }
}
