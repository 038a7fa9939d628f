using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Realtime.ServiceDefaults.Faults;

static class FaultServices
{
    public const string EnabledKey = "Faults:Enabled";

    /// <exception cref="InvalidOperationException">Switched on in Production.</exception>
    public static void Add(IHostApplicationBuilder builder)
    {
        if (!builder.Configuration.GetValue(EnabledKey, false))
            return;
        if (builder.Environment.IsProduction())
            throw new InvalidOperationException($"{EnabledKey} is true in the Production environment. Fault injection is for development and tests: remove the key or set DOTNET_ENVIRONMENT.");
        builder.Services.TryAddSingleton(static services => new FaultInjector(services.GetRequiredService<TimeProvider>(), new Random()));
    }
}
