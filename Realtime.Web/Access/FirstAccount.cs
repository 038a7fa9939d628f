namespace Realtime.Web.Access;

/// <summary>Makes the first account and shows its password once: on the console's output alone, past the logs, which are kept and sent elsewhere.</summary>
sealed class FirstAccount(Accounts accounts) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (accounts.Begin() is { } password)
            Console.Out.WriteLine($"\nThe console's first account was made: {Accounts.Admin}\nIts password, shown this once: {password}\n");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
