using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Webhooks;

namespace Realtime.Tests.Chaos.Kills;

/// <summary>A webhook on this machine, a steady stream of messages for it, and what is stuck on the way.</summary>
sealed class DeliveryWatch : IAsyncDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    readonly RunningApp _app;
    readonly Receiver _receiver;
    readonly ChatClient _talker;
    readonly string _channel;
    readonly TimeSpan _pace;
    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentDictionary<string, bool> _acknowledged = new();
    Task _talking = Task.CompletedTask;

    DeliveryWatch(RunningApp app, Receiver receiver, ChatClient talker, string channel, TimeSpan pace) => (_app, _receiver, _talker, _channel, _pace) = (app, receiver, talker, channel, pace);

    /// <summary>Messages acknowledged so far.</summary>
    public int Sent => _acknowledged.Count;

    public static async Task<DeliveryWatch> StartAsync(RunningApp app, string name, TimeSpan pace, int seed)
    {
        var receiver = await Receiver.StartAsync();
        var channel = $"{name}-hooked";
        using var http = new HttpClient { BaseAddress = app.SignalingFront };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await app.TokenAsync($"{name}-admin", new Grants(Admin: true)));
        using var made = await http.PostAsJsonAsync("/api/webhooks", new WebhookRequest(receiver.Url(name), Channels: [channel]), ContractsJson.Options);
        made.EnsureSuccessStatusCode();
        var talker = new ChatClient(new ChatClientOptions($"{name}-talker", app.Signaling, await app.TokenAsync($"{name}-talker")) { SourceAddress = ChaosPopulation.NextAddress(), Seed = seed });
        await talker.JoinAsync(channel).WaitAsync(s_patience);
        var watch = new DeliveryWatch(app, receiver, talker, channel, pace);
        watch._talking = watch.TalkAsync();
        return watch;
    }

    /// <summary>Deliveries that nobody works on although they are due, as Postgres says: claimed beyond their lease, or due for longer than a moment.</summary>
    public async Task<long> StuckAsync(CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection($"{_app.PostgresConnection};Pooling=false;Timeout=5;Command Timeout=5");
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(
            """
            select count(*) from webhook_deliveries d where d.channel = $1 and (
                (d.state = 'claimed' and d.lease_ends < now() + interval '10 seconds')
                or (d.state = 'pending' and d.next_at < now() - interval '20 seconds' and d.id = (select min(h.id) from webhook_deliveries h where h.endpoint = d.endpoint and h.state in ('pending', 'claimed'))))
            """, connection);
        command.Parameters.Add(new() { Value = _channel });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Stops talking, and waits until all that was acknowledged has arrived.</summary>
    /// <returns>The messages that have not.</returns>
    public async Task<IReadOnlyList<string>> FinishAsync(TimeSpan within)
    {
        await _stop.CancelAsync();
        await _talking.WaitAsync(s_patience);
        await Eventually.TrueAsync(() => Missing().Count == 0, within).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Missing();
    }

    List<string> Missing()
    {
        var told = _receiver.Calls.Select(static call => JsonDocument.Parse(call.Body).RootElement).Where(static call => call.GetProperty("type").GetString() == WebhookKind.MessageCreated)
            .Select(static call => call.GetProperty("data").GetProperty("id").GetString()!).ToHashSet();
        return [.. _acknowledged.Keys.Where(id => !told.Contains(id))];
    }

    async Task TalkAsync()
    {
        var open = new List<Task>();
        using var pace = new PeriodicTimer(_pace);
        try
        {
            for (var i = 0; await pace.WaitForNextTickAsync(_stop.Token); i++)
            {
                open.RemoveAll(static send => send.IsCompleted);
                open.Add(SendAsync($"{i}"));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            await Task.WhenAll(open);
        }
    }

    async Task SendAsync(string text)
    {
        try
        {
            _acknowledged[(await _talker.SendAsync(_channel, text)).Id] = true;
        }
        catch (Exception refused) when (refused is HubCallException or OperationCanceledException)
        {
            // Without an outcome, or refused: nothing is owed.
            return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _talker.DisposeAsync();
        await _talking.WaitAsync(s_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _receiver.DisposeAsync();
        _stop.Dispose();
    }
}
