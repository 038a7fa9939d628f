using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Runner;

/// <summary>The environment variables and arguments of one process, as Aspire would inject them.</summary>
internal static class LaunchEnvironment
{
    public static async Task<IReadOnlyDictionary<string, string>> VariablesAsync(ResourceInstance instance, DistributedApplicationExecutionContext execution, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(execution, instance.Resource);
        if (instance.Resource is ProjectResource)
            AddProjectDefaults(context.EnvironmentVariables, instance);
        foreach (var (endpoint, port) in instance.TargetPorts)
        {
            if (endpoint.TargetPortVariable is { } variable)
                context.EnvironmentVariables[variable] = port.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var annotation in instance.Resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await annotation.Callback(context);

        var variables = new Dictionary<string, string>();
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            if (await ResolveAsync(value, cancellationToken) is { } text)
                variables[name] = text;
        }

        return variables;
    }

    public static async Task<IReadOnlyList<string>> ArgumentsAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        var context = new CommandLineArgsCallbackContext([]);
        foreach (var annotation in instance.Resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
            await annotation.Callback(context);
        var arguments = new List<string>();
        foreach (var value in context.Args)
        {
            if (await ResolveAsync(value, cancellationToken) is { } text)
                arguments.Add(text);
        }

        return arguments;
    }

    private static void AddProjectDefaults(Dictionary<string, object> variables, ResourceInstance instance)
    {
        var urls = instance.TargetPorts.Keys.Where(e => e.IsHttp && e.TargetPortVariable is null).Select(instance.UrlOf);
        variables["ASPNETCORE_URLS"] = string.Join(';', urls);
        variables["LOGGING__CONSOLE__FORMATTERNAME"] = "simple";
        variables["OTEL_SERVICE_NAME"] = instance.Resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={instance.Id}";
        variables["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] = "in_memory";
        if (instance.Id != instance.Resource.Name)
            variables["Realtime__Replica"] = instance.Id;
    }

    private static async ValueTask<string?> ResolveAsync(object value, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IValueProvider provider => await provider.GetValueAsync(cancellationToken),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)
    };
}
