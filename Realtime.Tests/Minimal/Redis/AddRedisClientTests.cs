using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Realtime.Tests.Harness;
using StackExchange.Redis;
using Xunit;

namespace Realtime.Tests.Minimal.Redis;

[Trait("Tier", "EndToEnd")]
public sealed class AddRedisClientTests
{
    [Fact]
    public async Task StartsWithoutAServer_AndHealthFollowsIt()
    {
        await using var server = await RedisServer.StartAsync(password: "s3cret");
        await server.KillAsync();
        var builder = Builder(("ConnectionStrings:redis", server.ConnectionString), ("Aspire:StackExchange:Redis:ConfigurationOptions:AsyncTimeout", "200"));
        builder.AddRedisClient("redis", configureOptions: options =>
        {
            Assert.Equal(200, options.AsyncTimeout);
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(20);
            options.ReconnectRetryPolicy = new LinearRetry(20);
        });
        using var host = builder.Build();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        var report = await health.CheckHealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["StackExchange.Redis"].Status);
        await server.RestartAsync();
        await Eventually.TrueAsync(async () => (await health.CheckHealthAsync()).Status == HealthStatus.Healthy);
        Assert.Same(host.Services.GetRequiredService<IConnectionMultiplexer>(), host.Services.GetRequiredService<IConnectionMultiplexer>());
    }

    [Fact]
    public void AMissingConnectionString_FailsOnFirstUse_AndNamesTheKey()
    {
        var builder = Builder();
        builder.AddRedisClient("redis", settings => settings.DisableHealthChecks = true);
        using var host = builder.Build();
        Assert.Contains("ConnectionStrings:redis", Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<IConnectionMultiplexer>()).Message);
    }

    [Fact]
    public async Task KeyedClientsAreApart()
    {
        await using var server = await RedisServer.StartAsync();
        var builder = Builder(("ConnectionStrings:one", server.ConnectionString), ("Aspire:StackExchange:Redis:two:ConnectionString", server.ConnectionString + ",name=two"));
        builder.AddKeyedRedisClient("one");
        builder.AddKeyedRedisClient("two");
        using var host = builder.Build();
        Assert.Equal(2, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries.Count);
        Assert.Equal("two", (string?)await host.Services.GetRequiredKeyedService<IConnectionMultiplexer>("two").GetDatabase().ExecuteAsync("CLIENT", "GETNAME"));
    }

    static HostApplicationBuilder Builder(params (string Key, string Value)[] configuration)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        foreach (var (key, value) in configuration)
            builder.Configuration[key] = value;
        return builder;
    }
}
