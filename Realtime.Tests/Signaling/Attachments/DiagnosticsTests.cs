using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Diagnostics;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Attachments;

/// <summary>What operators see and switch on: crashes by stack, the action log, debug mode, profiles; nobody else.</summary>
[Collection("Deliveries")]
public sealed class DiagnosticsTests(DeliveriesServer server)
{
    [Fact]
    public async Task A_crash_is_listed_by_its_stack_with_the_actions_before_it()
    {
        var guarded = server.Service<Guarded>(0);
        var incidents = Enumerable.Range(0, 3).Select(_ => guarded.Run(new GuardedContext("test", "thrice", "crash-ann", "crash-room"), static () => throw new InvalidTimeZoneException("of 'somebody'")).Incident!).ToList();
        CrashGroup? group = null;
        await Eventually.TrueAsync(async () =>
        {
            var groups = await DeliveriesServer.ReadAsync<CrashGroup[]>(await server.AsAdminAsync(HttpMethod.Get, "/api/crashes?limit=100", replica: 1));
            group = groups.FirstOrDefault(static one => one is { Component: "test", Action: "thrice" });
            return group is not null;
        });
        Assert.Equal((incidents[0], 1L, "System.InvalidTimeZoneException", "of '…'"), (group!.Latest, group.Reports, group.Type, group.Message));
        Assert.Equal(["signaling-0"], group.Nodes);
        var summary = Assert.Single(await DeliveriesServer.ReadAsync<CrashSummary[]>(await server.AsAdminAsync(HttpMethod.Get, $"/api/crashes?hash={group.StackHash}")));
        Assert.Equal(("crash-ann", "crash-room", "signaling-0"), (summary.User, summary.Room, summary.Node));
        var report = await DeliveriesServer.ReadAsync<CrashReport>(await server.AsAdminAsync(HttpMethod.Get, $"/api/crashes/{incidents[0]}"));
        Assert.Contains(report.Actions, entry => entry.Detail == incidents[0]);
        Assert.True(report.Statistics.WorkingSet > 0);
        Assert.DoesNotContain(await DeliveriesServer.ReadAsync<CrashGroup[]>(await server.AsAdminAsync(HttpMethod.Get, $"/api/crashes?after={group.Latest}")), one => one.StackHash == group.StackHash);
        Assert.Equal((404, "notFound"), await DeliveriesServer.RefusalAsync(await server.AsAdminAsync(HttpMethod.Get, $"/api/crashes/{incidents[1]}")));
    }

    [Fact]
    public async Task Debug_mode_is_switched_for_a_while_and_its_entries_are_read_back()
    {
        ActionLog.RecordVerbose("debugged", "unseen", "dbg");
        Assert.Equal(HttpStatusCode.OK, (await server.AsAdminAsync(HttpMethod.Post, "/admin/debug", new DebugRequest("debugged", true, 5))).StatusCode);
        ActionLog.RecordVerbose("debugged", "seen", "dbg", detail: "1");
        ActionLog.RecordVerbose("debugged", "seen", "dbg", detail: "2");
        var on = await DeliveriesServer.ReadAsync<Dictionary<string, DateTimeOffset>>(await server.AsAdminAsync(HttpMethod.Get, "/admin/debug"));
        Assert.InRange(on["debugged"] - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(5));
        var actions = await DeliveriesServer.ReadAsync<ActionEntry[]>(await server.AsAdminAsync(HttpMethod.Get, "/api/actions?component=debugged&user=dbg&limit=1"));
        Assert.Equal(("seen", "2"), (Assert.Single(actions).Action, actions[0].Detail));
        Assert.Equal(HttpStatusCode.OK, (await server.AsAdminAsync(HttpMethod.Post, "/admin/debug", new DebugRequest("debugged", false))).StatusCode);
        Assert.False(ActionLog.IsDebug("debugged"));
        foreach (var bad in new[] { new DebugRequest(null, true), new DebugRequest(new string('x', 65), true), new DebugRequest("debugged", true, 61), new DebugRequest("debugged", true, 0) })
            Assert.Equal((400, "invalid"), await DeliveriesServer.RefusalAsync(await server.AsAdminAsync(HttpMethod.Post, "/admin/debug", bad)));
        Assert.Equal((400, "invalid"), await DeliveriesServer.RefusalAsync(await server.AsAdminAsync(HttpMethod.Get, "/api/actions?limit=0")));
    }

    [Fact]
    public async Task A_profile_is_captured_once_at_a_time_and_downloaded()
    {
        using var started = await server.AsAdminAsync(HttpMethod.Post, "/admin/profile", new ProfileRequest(1));
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var id = JsonSerializer.Deserialize<ProfileInfo>(await started.Content.ReadAsStringAsync(), ContractsJson.Options)!.Id;
        Assert.Equal((409, "conflict"), await DeliveriesServer.RefusalAsync(await server.AsAdminAsync(HttpMethod.Post, "/admin/profile", new ProfileRequest(1))));
        Assert.Equal((400, "invalid"), await DeliveriesServer.RefusalAsync(await server.AsAdminAsync(HttpMethod.Post, "/admin/profile", new ProfileRequest(61))));
        Assert.Equal((404, "notFound"), await DeliveriesServer.RefusalAsync(await server.AsAdminAsync(HttpMethod.Get, "/admin/profile/..%2Fx")));
        await Eventually.TrueAsync(async () => (await DeliveriesServer.ReadAsync<ProfileInfo[]>(await server.AsAdminAsync(HttpMethod.Get, "/admin/profile"))).Any(one => one.Id == id), TimeSpan.FromSeconds(60));
        using var file = await server.AsAdminAsync(HttpMethod.Get, $"/admin/profile/{id}");
        Assert.Equal("Nettrace"u8.ToArray(), (await file.Content.ReadAsByteArrayAsync())[..8]);
    }

    [Fact]
    public async Task The_figures_of_the_sockets_count_what_happened()
    {
        var before = await FiguresAsync();
        await using var ann = await server.ConnectAsync("fig-ann");
        await ann.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        await ann.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest("fig", "m1", "one"));
        await Assert.ThrowsAnyAsync<Exception>(() => ann.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest("fig", "m2", null)));
        CleanedLeaks.Count("tested", 2);
        var after = await FiguresAsync();
        int Grown(params string[] path) => path.Aggregate(after, static (at, name) => at.GetProperty(name)).GetInt32() - path.Aggregate(before, static (at, name) => at.GetProperty(name)).GetInt32();
        Assert.Equal((1, 1, 2, 1), (Grown("messages", "sent"), Grown("messages", "rejected"), Grown("events", "processed"), Grown("events", "rejected")));
        Assert.Equal(2, after.GetProperty("leaksCleaned").GetProperty("byKind").GetProperty("tested").GetInt32());
        foreach (var name in new[] { "connections", "circuitTrips", "redisReconnections", "crashes" })
            Assert.True(after.TryGetProperty(name, out _), name);

        async Task<JsonElement> FiguresAsync() => await DeliveriesServer.ReadAsync<JsonElement>(await server.AsAdminAsync(HttpMethod.Get, "/metrics/socket"));
    }

    [Theory]
    [InlineData("GET", "/api/crashes")]
    [InlineData("GET", "/api/crashes/x")]
    [InlineData("GET", "/api/actions")]
    [InlineData("GET", "/admin/debug")]
    [InlineData("POST", "/admin/debug")]
    [InlineData("GET", "/admin/profile")]
    [InlineData("POST", "/admin/profile")]
    [InlineData("GET", "/admin/profile/x")]
    public async Task Strangers_see_nothing_of_it(string method, string path)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(HttpMethod.Parse(method), path, null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(HttpMethod.Parse(method), path, server.Token("stranger"))).StatusCode);
    }
}
