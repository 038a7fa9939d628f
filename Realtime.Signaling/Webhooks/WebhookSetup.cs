using Microsoft.Extensions.Options;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Webhooks;

/// <summary>Wires webhooks.</summary>
public static class WebhookSetup
{
    public static void AddWebhooks(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ProtectionOptions>().BindConfiguration(ProtectionOptions.Section).ValidateOnStart();
        services.AddSingleton<IPostConfigureOptions<ProtectionOptions>, ProtectionOptions.Defaults>();
        services.AddSingleton<IValidateOptions<ProtectionOptions>, ProtectionOptions.Validator>();
        services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookOptions.Validator>();
        services.AddSingleton<SecretBox>();
        services.AddSingleton<EndpointStore>();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<DeliveryRecords>();
        services.AddSingleton<DispatchStore>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<DeliveryAttempts>();
        AddLoop<DeliveryWorker>(services);
        AddLoop<WebhookDispatcher>(services);
        AddLoop<DeliverySweeper>(services);
        AddLoop<SecretRenewal>(services);
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<WebhookDispatcher>());
    }

    static void AddLoop<T>(IServiceCollection services) where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(static provider => provider.GetRequiredService<T>());
    }
}
