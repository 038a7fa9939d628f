using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.ServiceDiscovery;
using Microsoft.Extensions.ServiceDiscovery.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The part of the package that this code base calls.</summary>
public static class ServiceDiscoveryExtensions
{
    /// <summary>Configuration first, then pass-through.</summary>
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services)
    {
        services.AddOptions<ServiceDiscoveryOptions>();
        services.TryAddSingleton(static provider => new ServiceEndpointResolver(
            provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<IOptionsMonitor<ServiceDiscoveryOptions>>()));
        return services;
    }

    public static IHttpClientBuilder AddServiceDiscovery(this IHttpClientBuilder builder)
    {
        builder.Services.AddServiceDiscovery();
        return builder.AddHttpMessageHandler(static services => new ResolvingHttpHandler(services.GetRequiredService<ServiceEndpointResolver>()));
    }
}
