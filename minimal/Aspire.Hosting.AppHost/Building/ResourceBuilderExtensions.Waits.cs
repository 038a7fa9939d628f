using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Starts this resource when every instance of the dependency (and of its parent) is running and healthy.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport
        => builder.AddWait(dependency.Resource, WaitType.WaitUntilHealthy);

    /// <summary>As <see cref="WaitFor{T}"/>, without asking for health.</summary>
    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport
        => builder.AddWait(dependency.Resource, WaitType.WaitUntilStarted);

    /// <summary>The resource is healthy while a GET of <paramref name="path"/> answers with exactly <paramref name="statusCode"/>.</summary>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints
    {
        var endpoints = builder.Resource.Annotations.OfType<EndpointAnnotation>();
        var endpoint = endpointName is not null
            ? Find(builder.Resource, endpointName)
            : endpoints.FirstOrDefault(e => e.Name == "https") ?? endpoints.FirstOrDefault(e => e.Name == "http");
        if (endpoint is null || !endpoint.IsHttp)
            throw new DistributedApplicationException($"Could not create HTTP health check for resource '{builder.Resource.Name}' as no HTTP endpoint '{endpointName ?? "http"}' was found.");
        path ??= "/";
        var status = statusCode ?? 200;
        var key = string.Create(CultureInfo.InvariantCulture, $"{builder.Resource.Name}_{endpoint.Name}_{path}_{status}_check");
        return builder.WithAnnotation(new HttpHealthCheckAnnotation(key, endpoint.Name, path, status));
    }

    /// <summary>The resource is healthy while the health check registered under <paramref name="key"/> is.</summary>
    public static IResourceBuilder<T> WithHealthCheck<T>(this IResourceBuilder<T> builder, string key)
        where T : IResource
        => builder.WithAnnotation(new HealthCheckAnnotation(key));

    private static IResourceBuilder<T> AddWait<T>(this IResourceBuilder<T> builder, IResource dependency, WaitType type)
        where T : IResourceWithWaitSupport
    {
        if (ReferenceEquals(builder.Resource, dependency))
            throw new DistributedApplicationException($"The '{builder.Resource.Name}' resource cannot wait for itself.");
        if (builder.Resource is IResourceWithParent child && ReferenceEquals(child.Parent, dependency))
            throw new DistributedApplicationException($"The '{builder.Resource.Name}' resource cannot wait for its parent '{dependency.Name}'.");
        if (dependency is IResourceWithParent { Parent: var parent })
            builder.AddWait(parent, type);
        return builder.WithAnnotation(new ResourceRelationshipAnnotation(dependency, "WaitFor")).WithAnnotation(new WaitAnnotation(dependency, type));
    }
}
