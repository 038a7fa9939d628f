using Realtime.ServiceDefaults.Http;
using Realtime.Web.Access;

namespace Realtime.Web.Operations;

static class OperationsSetup
{
    const int MaxAnswerBytes = 16 << 20;

    public static void AddOperations(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var key = ServiceKey.From(ConsoleOptions.From(builder.Configuration, builder.Environment), builder.Configuration, builder.Environment);
        if (key is not null)
        {
            services.AddSingleton(key);
            services.AddSingleton<ServiceTokens>();
        }
        services.AddHttpClient(SignalingClient.Client, static http =>
        {
            http.BaseAddress = new Uri("https+http://signaling");
            http.MaxResponseContentBufferSize = MaxAnswerBytes;
        }).WithoutStandardResilience(SignalingClient.Timeout);
        services.AddSingleton(static provider => new SignalingClient(provider.GetRequiredService<IHttpClientFactory>(), provider.GetService<ServiceTokens>()));
    }
}
