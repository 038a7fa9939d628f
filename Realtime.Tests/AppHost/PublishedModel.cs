using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Realtime.Tests.AppHost;

/// <summary>The composition as it would be published to one target; nothing is started and nothing deployed.</summary>
sealed class PublishedModel(IReadOnlyList<IResource> resources, DistributedApplicationExecutionContext execution)
{
    /// <summary>Stands for the address that only a deployment knows.</summary>
    public const string PublicAddress = "203.0.113.7";

    public IReadOnlyList<IResource> Resources { get; } = resources;

    public IEnumerable<ProjectResource> Projects => Resources.OfType<ProjectResource>();

    public ProjectResource this[string name] => Projects.Single(resource => resource.Name == name);

    public static async Task<PublishedModel> OfAsync(string target, params string[] more)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<global::Projects.Realtime_AppHost>(["--operation", "publish", $"--Deploy:Target={target}", .. more]);
        return new PublishedModel([.. builder.Resources], builder.ExecutionContext);
    }

    public EndpointAnnotation Endpoint(string resource, string name) => this[resource].Annotations.OfType<EndpointAnnotation>().Single(endpoint => endpoint.Name == name);

    /// <summary>Every variable the process is given, as the model has it.</summary>
    public async Task<IReadOnlyDictionary<string, object>> VariablesAsync(IResource resource)
    {
        var context = new EnvironmentCallbackContext(execution, resource);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await annotation.Callback(context);
        return context.EnvironmentVariables;
    }

    /// <summary>The same with a value of the right shape for whatever only a deployment knows.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ResolvedAsync(IResource resource)
        => (await VariablesAsync(resource)).ToDictionary(static one => one.Key, static one => one.Key switch
        {
            "ConnectionStrings__redis" => "127.0.0.1:1",
            "ConnectionStrings__realtimedb" => "Host=127.0.0.1;Port=1;Username=u;Password=p;Database=d",
            _ => Resolve(one.Value),
        });

    /// <summary>The secret parameters among the variables, by variable.</summary>
    public async Task<IReadOnlyDictionary<string, string>> SecretsAsync(IResource resource)
        => (await VariablesAsync(resource)).Where(static one => one.Value is ParameterResource { Secret: true }).ToDictionary(static one => one.Key, static one => ((ParameterResource)one.Value).Name);

    static string Resolve(object value) => value switch
    {
        string text => text,
        ParameterResource parameter => Sample(parameter.Name),
        EndpointReference endpoint => Url(endpoint),
        EndpointReferenceExpression { Property: EndpointProperty.TargetPort } port => Port(port.Endpoint),
        EndpointReferenceExpression { Property: EndpointProperty.Host } host => host.Endpoint.Resource.Name,
        EndpointReferenceExpression { Property: EndpointProperty.HostAndPort } both => $"{both.Endpoint.Resource.Name}:{Port(both.Endpoint)}",
        EndpointReferenceExpression { Property: EndpointProperty.Port } exposed => Port(exposed.Endpoint),
        EndpointReferenceExpression url => Url(url.Endpoint),
        ReferenceExpression expression => string.Format(CultureInfo.InvariantCulture, expression.Format, [.. expression.ValueProviders.Select(Resolve)]),
        _ => PublicAddress,
    };

    static string Url(EndpointReference endpoint) => $"{endpoint.Scheme}://{endpoint.Resource.Name}:{Port(endpoint)}";

    static string Port(EndpointReference endpoint) => (endpoint.EndpointAnnotation.TargetPort ?? 8080).ToString(CultureInfo.InvariantCulture);

    static string Sample(string parameter) => parameter switch
    {
        "auth-master-key" => Convert.ToBase64String(new byte[32]),
        "announced-addresses" => PublicAddress,
        "trusted-proxies" => "10.0.0.0/8",
        "web-host" => "call.example.org",
        "signaling-host" => "signal.example.org",
        "turn-urls" => "turn:turn.example.org:3478?transport=udp",
        _ => new string('s', 48),
    };
}
