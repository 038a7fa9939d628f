using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting
{
    public static class ConnectionStringBuilderExtensions
    {
        /// <summary>Something that runs elsewhere: <c>ConnectionStrings:name</c> in configuration, a secret when published.</summary>
        public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null)
            => builder.AddResource(new ConnectionStringResource(name, new ParameterResource(
                name,
                _ => builder.Configuration.GetConnectionString(name) ?? throw new MissingParameterValueException($"Connection string resource could not be used because connection string '{name}' is missing."),
                secret: true)));
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    internal sealed class ConnectionStringResource(string name, ParameterResource value) : Resource(name), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression { get; } = ReferenceExpression.Create($"{value}");
    }
}
