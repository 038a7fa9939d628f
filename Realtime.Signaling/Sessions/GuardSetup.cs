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
        services.AddSingleton<QuarantineStore>();
        services.AddSingleton<Quarantines>();
        services.AddHostedService(static provider => provider.GetRequiredService<Quarantines>());
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<Quarantines>());
        services.AddSingleton<Strangers>();
        services.AddSingleton<Admission>();
        services.AddSingleton<ConductWatch>();
        return builder;
    }
}
