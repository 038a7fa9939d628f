using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class ParameterResourceBuilderExtensions
{
    /// <summary>A value from <c>Parameters:name</c>; missing, the resources that use it fail to start.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false)
        => builder.AddResource(new ParameterResource(name, _ => Configured(builder, name) ?? throw Missing(name), secret));

    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false)
    {
        if (publishValueAsDefault && secret)
            throw new ArgumentException("A parameter cannot be both secret and published as a default value.", nameof(secret));
        return builder.AddResource(new ParameterResource(name, _ => value, secret));
    }

    /// <summary>A value from <c>Parameters:name</c>, else the default; with <paramref name="persist"/> the same in the next run.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
        => builder.AddResource(WithDefault(builder, name, value, secret, persist));

    public static IResourceBuilder<ParameterResource> WithDescription(this IResourceBuilder<ParameterResource> builder, string description, bool enableMarkdown = false)
    {
        builder.Resource.Description = description;
        return builder;
    }

    /// <summary>The generated, kept password of a server resource; not listed among the resources, as in Aspire.</summary>
    internal static ParameterResource CreateDefaultPassword(IDistributedApplicationBuilder builder, string name)
        => WithDefault(builder, name, new GenerateParameterDefault { MinLength = 22, Special = false }, secret: true, persist: true);

    private static ParameterResource WithDefault(IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret, bool persist)
        => new(name, _ => Configured(builder, name) ?? (persist ? ((DistributedApplicationBuilder)builder).ParameterStore.GetOrAdd(name, value.GetDefaultValue) : value.GetDefaultValue()), secret)
        {
            Default = value
        };

    private static string? Configured(IDistributedApplicationBuilder builder, string name)
        => builder.Configuration.GetSection("Parameters")[name] ?? builder.Configuration.GetSection("Parameters")[name.Replace('-', '_')];

    private static MissingParameterValueException Missing(string name)
        => new($"Parameter resource could not be used because configuration key 'Parameters:{name}' is missing and the Parameter has no default value.");
}
