using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>Our own client, in this process.</summary>
sealed class NativeClient(ChatClient client, IReadOnlyList<FaultProxy> links) : IChaosClient
{
    public string User => client.Name;

    public IReadOnlyList<FaultProxy> Links => links;

    public bool IsDead { get; private set; }

    /// <summary>For what only this client can do.</summary>
    public ChatClient Chat => client;

    public Task JoinAsync(string channel, CancellationToken cancellation) => OutcomeAsync(client.JoinAsync(channel, cancellation));

    public Task LeaveAsync(string channel, CancellationToken cancellation) => OutcomeAsync(client.LeaveAsync(channel, cancellation));

    public Task SendAsync(string channel, string text, CancellationToken cancellation) => OutcomeAsync(client.SendAsync(channel, text, cancellation));

    public Task ReadAsync(string channel, long after, CancellationToken cancellation) => OutcomeAsync(client.ReadHistoryAsync(channel, after, 50, cancellation));

    public Task EditAsync(string channel, string message, string text, CancellationToken cancellation) => OutcomeAsync(client.EditAsync(channel, message, text, cancellation));

    public Task RemoveAsync(string channel, string message, CancellationToken cancellation) => OutcomeAsync(client.RemoveAsync(channel, message, cancellation));

    public void NetworkIsBack()
    {
        // It never waits longer than two seconds.
    }

    public async Task KillAsync()
    {
        IsDead = true;
        await client.KillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!IsDead)
            await client.DisposeAsync();
        foreach (var link in links)
            await link.DisposeAsync();
    }

    /// <summary>What the client recorded is what counts; a refusal or a lost connection is an outcome like any other.</summary>
    static async Task OutcomeAsync(Task call)
    {
        await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (call.Exception?.InnerException is { } failure and not (HubCallException or HubConnectionException or OperationCanceledException))
            throw new InvalidOperationException("A client of the chaos run broke.", failure);
    }
}
