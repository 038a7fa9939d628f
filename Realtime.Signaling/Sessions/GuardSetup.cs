using Realtime.ServiceDefaults.Http;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Sessions;

/// <summary>Wires what keeps this replica and its people from harm: admission, conduct, quarantine, circuits.</summary>
public static class GuardSetup
{
    public static IHostApplicationBuilder AddGuard(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<AuthCircuit>();
        services.AddSingleton<ApiKeyStore>();
        AddLoop<StoredKeys>(services);
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<StoredKeys>());
        AddLoop<OidcIssuer>(services);
        services.AddHttpClient(OidcIssuer.ClientName, static client => client.MaxResponseContentBufferSize = OidcIssuer.MaxDocumentBytes)
            .WithoutStandardResilience(OidcIssuer.CallTimeout)
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = OidcIssuer.CallTimeout });
        services.AddSingleton<TokenVerifier>();
        services.AddSingleton<TokenRefresh>();
        services.AddSingleton<QuarantineStore>();
        AddLoop<Quarantines>(services);
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<Quarantines>());
        services.AddSingleton<Strangers>();
        services.AddSingleton<ResumeLine>();
        services.AddSingleton<Admission>();
        services.AddSingleton<ConductWatch>();
        services.AddHostedService<GuardHousekeeping>();
        return builder;
    }

    static void AddLoop<T>(IServiceCollection services) where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(static provider => provider.GetRequiredService<T>());
    }
}
