using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Webhooks;

/// <summary>Closes secrets anew that are still under <c>Protection:PreviousSecret</c>, so that it can be taken out of the configuration: at start and every hour.</summary>
public sealed class SecretRenewal(EndpointStore endpoints, SecretBox box, Migrator migrator, Supervisor supervisor) : SupervisedTicker(supervisor, TimeSpan.FromHours(1), "webhooks.secretRenewal")
{
    protected override async Task TickAsync(CancellationToken stopping)
    {
        await migrator.Done.WaitAsync(stopping);
        try
        {
            await RenewAsync(stopping);
        }
        catch (RealtimeException)
        {
            // The database is away; there is time until the next hour.
            ActionLog.RecordVerbose(Name, "later");
        }
    }

    /// <returns>How many webhooks were renewed.</returns>
    internal async Task<int> RenewAsync(CancellationToken stopping)
    {
        var renewed = 0;
        foreach (var endpoint in await endpoints.AllAsync(stopping))
        {
            var old = false;
            string[] secrets = [.. endpoint.Secrets.Select(closed =>
            {
                if (!box.TryOpen(closed, endpoint.Id, out var secret, out var isOld) || !isOld)
                    return closed;
                old = true;
                return box.Close(secret, endpoint.Id);
            })];
            if (old && await endpoints.SetSecretsAsync(endpoint.Id, endpoint.Secrets, secrets, stopping))
                renewed++;
        }
        if (renewed > 0)
            ActionLog.Record(Name, "renewed", renewed);
        return renewed;
    }
}
