using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Health;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Hosting;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>Two signaling replicas in this process, on a real Postgres and a real Redis, with production's limits but for new sessions.</summary>
public class TwoReplicas : IAsyncLifetime
{
    readonly List<WebApplication> _replicas = [];
    PostgresServer? _postgres;
    RedisServer? _redis;

    public RedisServer Redis => _redis!;

    public PostgresServer Postgres => _postgres!;

    /// <summary>Where the replicas log to; nowhere by default.</summary>
    public ILoggerProvider? Logs { get; init; }

    /// <summary>The connection string of the replicas' database.</summary>
    public string Database { get; private set; } = "";

    public IReadOnlyList<Uri> Servers { get; private set; } = [];

    public virtual async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartAsync();
        _redis = await RedisServer.StartAsync();
        var database = Database = await _postgres.CreateDatabaseAsync();
        // Together, so that both find the empty database: the migrations must run once.
        var more = await MoreSettingsAsync();
        _replicas.AddRange(Enumerable.Range(0, 2).Select(i => Build(i, database, more)));
        await Task.WhenAll(_replicas.Select(static replica => replica.StartAsync()));
        foreach (var replica in _replicas)
            await Eventually.TrueAsync(() => replica.Services.GetRequiredService<Readiness>().NotReadyBecause() is null, TimeSpan.FromSeconds(30));
        Servers = [.. _replicas.Select(static replica => new Uri(replica.Urls.Single()))];
    }

    public T Service<T>(int replica) where T : notnull => _replicas[replica].Services.GetRequiredService<T>();

    /// <summary>Stops it as SIGTERM would: clients are told, then it ends.</summary>
    public Task StopAsync(int replica) => _replicas[replica].StopAsync();

    public string Token(string user, Grants? grants = null, string? ttl = null) => Service<UserTokens>(0)
        .Mint(AuthOptions.DevelopmentKey, new TokenRequest(user, user.ToUpperInvariant(), ttl, grants ?? new Grants(Channels: ["*"], Rooms: ["*"], Publish: true, Subscribe: true))).Token;

    public Task<HubClient> ConnectAsync(string user, int replica = 0, Grants? grants = null) => HubClient.ConnectAsync(new HubClientOptions(Servers[replica], Token(user, grants)));

    /// <summary>Changes a setting while the replicas run, as an edit of their settings would.</summary>
    public void Change(string key, string? value)
    {
        foreach (var replica in _replicas)
        {
            replica.Configuration[key] = value;
            ((IConfigurationRoot)replica.Configuration).Reload();
        }
    }

    /// <summary>What a test adds to the replicas' configuration, started before them.</summary>
    protected virtual ValueTask<IReadOnlyDictionary<string, string?>> MoreSettingsAsync() => new(new Dictionary<string, string?>());

    /// <summary>What a test changes before a replica is built.</summary>
    protected virtual void Configure(WebApplicationBuilder builder)
    {
    }

    WebApplication Build(int index, string database, IReadOnlyDictionary<string, string?> more)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development", ApplicationName = "Realtime.Signaling" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:realtimedb"] = database,
            ["ConnectionStrings:redis"] = _redis!.ConnectionString,
            ["Realtime:Replica"] = $"signaling-{index}",
            ["Limits:SessionsPerMinute"] = "600",
            ["Limits:StrangersPerMinute"] = "6000",
            ["Faults:Enabled"] = "true",
            ["CrashReports:Directory"] = Path.Combine(Path.GetTempPath(), $"realtime-test-{Environment.ProcessId}-{index}"),
        });
        builder.Configuration.AddInMemoryCollection(more);
        builder.Logging.ClearProviders();
        if (Logs is not null)
            builder.Logging.AddProvider(Logs);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        Configure(builder);
        return SignalingHost.Build(builder);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var replica in _replicas)
        {
            await replica.StopAsync();
            await replica.DisposeAsync();
        }
        if (_redis is not null)
            await _redis.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }
}
