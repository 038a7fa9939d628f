using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Runner;

/// <summary>One process of a resource: its only one, or one replica.</summary>
internal sealed class ResourceInstance(IResource resource, string id, ProcessRecipeAnnotation? recipe)
{
    public IResource Resource { get; } = resource;

    /// <summary>The resource's name, with the replica's number where there are several.</summary>
    public string Id { get; } = id;

    /// <summary>Null for a resource without a process of its own.</summary>
    public ProcessRecipeAnnotation? Recipe { get; } = recipe;

    /// <summary>Where this process itself listens; behind a front that differs from the endpoint's public port.</summary>
    public Dictionary<EndpointAnnotation, int> TargetPorts { get; } = [];

    public string UrlOf(EndpointAnnotation endpoint) => $"{endpoint.UriScheme}://{EndpointAllocation.Host}:{TargetPorts[endpoint]}";

    public static IReadOnlyList<ResourceInstance> Of(IEnumerable<IResource> resources)
        => [.. resources.Where(r => r is not ParameterResource).SelectMany(Of)];

    private static IEnumerable<ResourceInstance> Of(IResource resource)
    {
        var recipe = RecipeOf(resource);
        var replicas = resource.GetReplicaCount();
        return replicas == 1
            ? [new ResourceInstance(resource, resource.Name, recipe)]
            : Enumerable.Range(0, replicas).Select(n => new ResourceInstance(resource, $"{resource.Name}-{n}", recipe));
    }

    private static ProcessRecipeAnnotation? RecipeOf(IResource resource)
    {
        if (resource is ProjectResource project)
            return ProjectRecipe.For(project);
        if (resource.TryGetLastAnnotation<ProcessRecipeAnnotation>(out var recipe))
            return recipe;
        if (resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image))
        {
            return image.Image == CoturnRecipe.Image
                ? CoturnRecipe.For()
                : throw new DistributedApplicationException($"Resource '{resource.Name}' is the container image {image.Image}, for which the minimal package set knows no program.");
        }

        return null;
    }
}
