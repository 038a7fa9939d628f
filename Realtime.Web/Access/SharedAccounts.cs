using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Web.Access;

/// <summary>Keeps <see cref="Accounts"/> as they are in Postgres, where there is one: another replica's change is known within two seconds.</summary>
sealed class SharedAccounts(Supervisor supervisor, Accounts accounts, SharedState state) : SupervisedService(supervisor, "console.accounts")
{
    static readonly TimeSpan s_every = TimeSpan.FromSeconds(2);

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        if (!state.IsConfigured)
            return;
        var begun = false;
        while (true)
        {
            // The password that is configured holds, also for accounts that were there before.
            if (accounts.Synchronise() && !begun)
            {
                accounts.Begin();
                begun = true;
            }
            await Task.Delay(s_every, Time, stopping);
        }
    }
}
