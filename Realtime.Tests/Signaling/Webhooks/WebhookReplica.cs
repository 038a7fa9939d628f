using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Webhooks;
using Realtime.Tests.CrashSafety;
using Realtime.Tests.Signaling.Data;

namespace Realtime.Tests.Signaling.Webhooks;

/// <summary>The webhook half of one replica, turned by hand on manual time, on a real database.</summary>
sealed class WebhookReplica : IAsyncDisposable
{
    readonly Kit _kit = new();
    readonly WebhookSender _sender;
    int _messages;

    public WebhookReplica(TestDatabase database, ManualTime? time = null, Action<WebhookOptions>? configure = null)
    {
        Time = time ?? _kit.Time;
        var options = new WebhookOptions { AllowedNetworks = "127.0.0.0/8" };
        configure?.Invoke(options);
        var monitor = new Fixed<WebhookOptions>(options);
        Secrets = new SecretBox(Options.Create(new ProtectionOptions { Secret = new string('s', 32) }));
        Circuits = new CircuitRegistry(Time);
        Endpoints = new EndpointStore(database.Database);
        Deliveries = new DeliveryStore(database.Database, new ReplicaIdentity(database.Configuration));
        Records = new DeliveryRecords(database.Database);
        Messages = new MessageStore(database.Database);
        _sender = new WebhookSender(Secrets, monitor, Time);
        Attempts = new DeliveryAttempts(Deliveries, Endpoints, _sender, Circuits, _kit.Guarded, monitor, Time, NullLogger<DeliveryAttempts>.Instance);
        Supervisor = new Supervisor(_kit.Reporter, _kit.Guarded, _kit.Readiness, _kit.Watchdog, Time, NullLogger<Supervisor>.Instance);
        Worker = new DeliveryWorker(Deliveries, Attempts, monitor, null!, Supervisor);
        Dispatcher = new WebhookDispatcher(new DispatchStore(database.Database), new ChannelEventStore(database.Database), null!, Worker, Supervisor);
        Sweeper = new DeliverySweeper(Deliveries, Records, Endpoints, Worker, monitor, null!, Supervisor, NullLogger<DeliverySweeper>.Instance);
    }

    public ManualTime Time { get; }
    public SecretBox Secrets { get; }
    public CircuitRegistry Circuits { get; }
    public EndpointStore Endpoints { get; }
    public DeliveryStore Deliveries { get; }
    public DeliveryRecords Records { get; }
    public MessageStore Messages { get; }
    public DeliveryAttempts Attempts { get; }
    public DeliveryWorker Worker { get; }
    public WebhookDispatcher Dispatcher { get; }
    public DeliverySweeper Sweeper { get; }
    public Supervisor Supervisor { get; }

    /// <summary>A webhook whose id and last part of the URL are the name.</summary>
    public async Task<string> AddAsync(string id, string url, string[]? kinds = null, string[]? channels = null)
    {
        var secret = StandardWebhook.NewSecret();
        await Endpoints.AddAsync(new WebhookEndpoint(id, url, "", kinds ?? ["*"], channels ?? ["*"], [Secrets.Close(secret, id)], true, null, "admin", Time.GetUtcNow()), 100, default);
        return secret;
    }

    public Task SayAsync(string channel, params string[] texts) => Messages.AppendAsync(channel, [.. texts.Select(text =>
        new NewMessage(Guid.CreateVersion7().ToString(), "ann", "Ann", $"m{++_messages}", text, null, Time.GetUtcNow()))]);

    /// <summary>Everything that happened so far becomes deliveries.</summary>
    public async Task DispatchAsync()
    {
        while (await Dispatcher.TurnAsync(default))
            continue;
    }

    /// <summary>Makes the attempts that are due, and those that become due by them, until nothing is.</summary>
    public async Task DeliverAsync()
    {
        while (await Worker.TurnAsync(default) > 0)
            await Worker.IdleAsync().WaitAsync(ManualTime.Patience);
    }

    /// <summary>Dispatch and deliver.</summary>
    public async Task RunAsync()
    {
        await DispatchAsync();
        await DeliverAsync();
    }

    public Task<List<DeliveryInfo>> ListAsync(string? state = null, string? endpoint = null) => Records.ListAsync(endpoint, state, 0, 1000, default);

    public async ValueTask DisposeAsync()
    {
        await Worker.StopAsync(default);
        await Supervisor.DisposeAsync();
        Worker.Dispose();
        Dispatcher.Dispose();
        Sweeper.Dispose();
        _sender.Dispose();
        await _kit.DisposeAsync();
    }
}

/// <summary>Options that stay as they are.</summary>
sealed class Fixed<T>(T value) : IOptionsMonitor<T>
{
    public T CurrentValue => value;
    public T Get(string? name) => value;
    public IDisposable? OnChange(Action<T, string?> listener) => null;
}
