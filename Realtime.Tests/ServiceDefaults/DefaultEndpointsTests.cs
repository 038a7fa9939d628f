using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Realtime.ServiceDefaults;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Faults;
using Realtime.ServiceDefaults.Health;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.ServiceDefaults;

/// <summary>A real host with the defaults and nothing else, on a port of the system's choice.</summary>
[Collection("FaultPoint")] // the point is one per process
public sealed class DefaultEndpointsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    WebApplication Build(string environment, Action<WebApplicationBuilder>? configure = null, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment, ContentRootPath = _folder.Path });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        foreach (var (key, value) in settings.Append(("CrashReports:Directory", _folder.Path)))
            builder.Configuration[key] = value;
        builder.AddServiceDefaults();
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapCircuitBreakers(OnlyOperators);
        app.MapFaultEndpoints(OnlyOperators);
        return app;
    }

    static ValueTask<IResult?> OnlyOperators(HttpContext http) => ValueTask.FromResult(http.Request.Headers.ContainsKey("X-Operator") ? null : Results.StatusCode(403));

    static HttpClient Client(WebApplication app, bool isOperator = false)
    {
        var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = ManualTime.Patience };
        if (isOperator)
            client.DefaultRequestHeaders.Add("X-Operator", "1");
        return client;
    }

    sealed class Degraded : IOperatingMode
    {
        public string Name => "redisDown";
    }

    [Fact]
    public async Task In_production_health_alive_and_ready_answer()
    {
        await using var app = Build("Production");
        await app.StartAsync();
        using var client = Client(app);
        var health = await client.GetAsync("/health");
        Assert.Equal((HttpStatusCode.OK, "OK", "normal"), (health.StatusCode, await health.Content.ReadAsStringAsync(), health.Headers.GetValues("X-Realtime-Mode").Single()));
        Assert.Equal("OK", await client.GetStringAsync("/alive"));
        Assert.Equal("OK", await client.GetStringAsync("/ready"));
        app.Services.GetRequiredService<Readiness>().BeginDrain();
        var draining = await client.GetAsync("/ready");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining"), (draining.StatusCode, await draining.Content.ReadAsStringAsync()));
        using var stuck = app.Services.GetRequiredService<LoopWatchdog>().Watch("worker-0", TimeSpan.Zero);
        var dead = await client.GetAsync("/alive");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "stuck: worker-0"), (dead.StatusCode, await dead.Content.ReadAsStringAsync()));
        await app.StopAsync();
    }

    [Fact]
    public async Task A_degraded_mode_is_named_and_still_healthy()
    {
        await using var app = Build("Production", static builder => builder.Services.AddSingleton<IOperatingMode, Degraded>());
        await app.StartAsync();
        using var client = Client(app);
        var health = await client.GetAsync("/health");
        Assert.Equal((HttpStatusCode.OK, "redisDown"), (health.StatusCode, health.Headers.GetValues("X-Realtime-Mode").Single()));
        await app.StopAsync();
    }

    [Fact]
    public async Task Circuits_are_shown_to_operators_alone()
    {
        await using var app = Build("Production");
        await app.StartAsync();
        app.Services.GetRequiredService<CircuitRegistry>().Get("redis").TryEnter(out _);
        using var anybody = Client(app);
        Assert.Equal(HttpStatusCode.Forbidden, (await anybody.GetAsync("/status/circuit-breakers")).StatusCode);
        using var somebody = Client(app, isOperator: true);
        Assert.StartsWith("""[{"name":"redis","state":"closed","total":1,""", await somebody.GetStringAsync("/status/circuit-breakers"));
        await app.StopAsync();
    }

    [Fact]
    public async Task Faults_are_injected_over_HTTP_and_only_where_switched_on()
    {
        await using (var off = Build("Development"))
        {
            await off.StartAsync();
            using var client = Client(off, isOperator: true);
            Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync("/admin/faults")).StatusCode);
            await off.StopAsync();
        }
        await using var on = Build("Development", null, ("Faults:Enabled", "true"));
        await on.StartAsync();
        using var operatorClient = Client(on, isOperator: true);
        using var anybody = Client(on);
        const string Rule = """{"component":"over-http","kind":"throw","user":"ann","count":1}""";
        static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.Forbidden, (await anybody.PostAsync("/admin/faults", Json(Rule))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await operatorClient.PostAsync("/admin/faults", Json("{"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await operatorClient.PostAsync("/admin/faults", Json("""{"component":"x","kind":"delay"}"""))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await operatorClient.PostAsync("/admin/faults", Json(new string(' ', 5000)))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await operatorClient.PostAsync("/admin/faults", Json(Rule))).StatusCode);
        FaultPoint.Hit("over-http", "receive", "bob");
        Assert.Throws<InjectedFaultException>(static () => FaultPoint.Hit("over-http", "receive", "ann"));
        FaultPoint.Hit("over-http", "receive", "ann");
        Assert.Contains("\"hits\":1", await operatorClient.GetStringAsync("/admin/faults"));
        Assert.Equal(HttpStatusCode.NoContent, (await operatorClient.DeleteAsync("/admin/faults")).StatusCode);
        await on.StopAsync();
    }

    [Fact]
    public void Fault_injection_refuses_to_start_in_production()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => Build("Production", null, ("Faults:Enabled", "true")));
        Assert.Contains("Faults:Enabled", refusal.Message);
    }

    [Fact]
    public async Task Wrong_options_stop_the_start_and_are_named()
    {
        await using var app = Build("Production", null, ("CrashReports:MaxFiles", "0"), ("SystemMonitor:Interval", "00:00:00"));
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => app.StartAsync());
        Assert.Contains("CrashReports:MaxFiles", refusal.ToString());
    }

    [Fact]
    public async Task A_crash_in_a_running_host_is_on_disk_after_the_stop_and_no_marker_is_left()
    {
        string incident;
        await using (var app = Build("Production"))
        {
            await app.StartAsync();
            incident = app.Services.GetRequiredService<Guarded>().Run(new GuardedContext("test", "crash"), static () => throw new InvalidOperationException()).Incident!;
            await app.StopAsync();
        }
        Assert.EndsWith($"-{incident}.json", Assert.Single(Directory.GetFiles(_folder.Path)));
    }
}
