using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The part of the package that this code base calls.</summary>
public static class ResilienceHttpClientBuilderExtensions
{
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder, Action<HttpStandardResilienceOptions> configure)
    {
        var standard = builder.AddStandardResilienceHandler();
        builder.Services.Configure(standard.PipelineName, configure);
        return standard;
    }

    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder)
    {
        var name = string.IsNullOrEmpty(builder.Name) ? "standard" : $"{builder.Name}-standard";
        var selection = new StandardPipelineSelection();

        builder.Services.AddOptions<HttpStandardResilienceOptions>(name).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<HttpStandardResilienceOptions>>(new StandardOptionsValidator(name));
        builder.ConfigureHttpClient(static client => client.Timeout = Timeout.InfiniteTimeSpan);
        // Handlers come and go with the factory's rotation; the pipelines, and so the circuits' memory, stay.
        builder.Services.AddKeyedSingleton(name, (services, _) => new StandardPipelines(
            name, services.GetService<TimeProvider>(), services.GetRequiredService<IOptionsMonitor<HttpStandardResilienceOptions>>(), selection));
        builder.AddHttpMessageHandler(services => new ResilienceHandler(services.GetRequiredKeyedService<StandardPipelines>(name).For));
        return new StandardPipelineBuilder(name, builder.Services, selection);
    }

    /// <summary>Takes the handlers added so far from this client.</summary>
    [Experimental("EXTEXP0001")]
    public static IHttpClientBuilder RemoveAllResilienceHandlers(this IHttpClientBuilder builder) =>
        builder.ConfigureAdditionalHttpMessageHandlers(static (handlers, _) =>
        {
            for (var i = handlers.Count - 1; i >= 0; i--)
            {
                if (handlers[i] is ResilienceHandler)
                    handlers.RemoveAt(i);
            }
        });
}
