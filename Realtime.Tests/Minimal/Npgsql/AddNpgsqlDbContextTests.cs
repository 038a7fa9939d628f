using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql.EntityFrameworkCore.PostgreSQL;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Minimal.Npgsql;

[Trait("Tier", "EndToEnd")]
public sealed class AddNpgsqlDbContextTests
{
    [Fact]
    public async Task HealthFollowsTheServer()
    {
        await using var server = await PostgresServer.StartAsync();
        var builder = Builder(("ConnectionStrings:db", await server.CreateDatabaseAsync()));
        builder.AddNpgsqlDbContext<NoteContext>("db", settings => settings.CommandTimeout = 5);
        using var host = builder.Build();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        using (var scope = host.Services.CreateScope())
        {
            var context = scope.ServiceProvider.GetRequiredService<NoteContext>();
            await context.Database.EnsureCreatedAsync();
            context.Notes.Add(new Note { Text = "kept" });
            await context.SaveChangesAsync();
        }
        var report = await health.CheckHealthAsync();
        Assert.Equal(nameof(NoteContext), report.Entries.Keys.Single());
        Assert.Equal(HealthStatus.Healthy, report.Status);

        await server.KillAsync();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
        await server.RestartAsync();
        await Eventually.TrueAsync(async () => (await health.CheckHealthAsync()).Status == HealthStatus.Healthy);
        using var after = host.Services.CreateScope();
        Assert.Equal("kept", (await after.ServiceProvider.GetRequiredService<NoteContext>().Notes.SingleAsync()).Text);
    }

    [Fact]
    public void RetriesUnlessDisabled()
    {
        var on = Builder(("ConnectionStrings:db", "Host=127.0.0.1"));
        on.AddNpgsqlDbContext<NoteContext>("db");
        Assert.IsType<NpgsqlRetryingExecutionStrategy>(Strategy(on));
        var off = Builder(("ConnectionStrings:db", "Host=127.0.0.1"), ("Aspire:Npgsql:EntityFrameworkCore:PostgreSQL:NoteContext:DisableRetry", "true"));
        off.AddNpgsqlDbContext<NoteContext>("db");
        Assert.IsNotType<NpgsqlRetryingExecutionStrategy>(Strategy(off));
    }

    [Fact]
    public void Enriches_KeepingTheConnection()
    {
        var builder = Builder();
        builder.Services.AddDbContextPool<NoteContext>(options => options.UseNpgsql("Host=127.0.0.1;Database=mine"));
        builder.EnrichNpgsqlDbContext<NoteContext>(settings => settings.CommandTimeout = 7);
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();
        var database = scope.ServiceProvider.GetRequiredService<NoteContext>().Database;
        Assert.IsType<NpgsqlRetryingExecutionStrategy>(database.CreateExecutionStrategy());
        Assert.Equal("Host=127.0.0.1;Database=mine", database.GetConnectionString());
        Assert.Equal(7, database.GetCommandTimeout());
    }

    [Fact]
    public void SaysWhatIsWrong()
    {
        var builder = Builder();
        Assert.Throws<InvalidOperationException>(() => builder.EnrichNpgsqlDbContext<NoteContext>());
        builder.AddNpgsqlDbContext<NoteContext>("db");
        Assert.Throws<InvalidOperationException>(() => builder.AddNpgsqlDbContext<NoteContext>("db"));
        Assert.Contains("ConnectionStrings:db", Assert.Throws<InvalidOperationException>(() => Strategy(builder)).Message);
    }

    static object Strategy(HostApplicationBuilder builder)
    {
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();
        return scope.ServiceProvider.GetRequiredService<NoteContext>().Database.CreateExecutionStrategy();
    }

    static HostApplicationBuilder Builder(params (string Key, string Value)[] configuration)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        foreach (var (key, value) in configuration)
            builder.Configuration[key] = value;
        return builder;
    }

    sealed class NoteContext(DbContextOptions<NoteContext> options) : DbContext(options)
    {
        public DbSet<Note> Notes => Set<Note>();
    }

    sealed class Note
    {
        public int Id { get; init; }

        public string Text { get; init; } = "";
    }
}
