namespace Realtime.AppHost;

/// <summary>The values that a deployment is given: <c>Parameters:name</c> in configuration, asked for where there is nobody to make them up.</summary>
internal static class Secrets
{
    /// <summary>Generated on the first start and kept: 48 letters and digits.</summary>
    public static IResourceBuilder<ParameterResource> AddSecret(this IDistributedApplicationBuilder builder, string name, string description)
        => builder.AddParameter(name, new GenerateParameterDefault { MinLength = 48, Special = false }, secret: true, persist: true).WithDescription(description);

    /// <summary>No secret, and known only to whoever deploys.</summary>
    public static IResourceBuilder<ParameterResource> AddQuestion(this IDistributedApplicationBuilder builder, string name, string description)
        => builder.AddParameter(name).WithDescription(description);

    /// <summary>No secret, and with a default that is good for most.</summary>
    public static IResourceBuilder<ParameterResource> AddSetting(this IDistributedApplicationBuilder builder, string name, string value, string description)
        => builder.AddParameter(name, builder.Configuration[$"Parameters:{name}"] ?? value, publishValueAsDefault: true).WithDescription(description);
}
