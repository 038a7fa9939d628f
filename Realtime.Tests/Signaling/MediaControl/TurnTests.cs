using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;
using Realtime.Tests.CrashSafety;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.MediaControl;

/// <summary>TURN servers: which are handed out, what clients' reports do, and a look at a real coturn.</summary>
public sealed class TurnTests : IDisposable
{
    const string Secret = "the-turn-secret";

    readonly ManualTime _time = new();
    readonly string _folder = Directory.CreateTempSubdirectory("realtime-turn-").FullName;

    (TurnServers Servers, TurnReports Reports, TurnCredentials Credentials) Make(string urls)
    {
        var options = new Options(new TurnOptions { Urls = urls, Secret = Secret });
        var servers = new TurnServers(options, new CircuitRegistry(_time));
        return (servers, new TurnReports(servers, _time), new TurnCredentials(options, servers, _time));
    }

    [Theory]
    [InlineData("turn:turn.example.org", "turn.example.org:3478", "turn.example.org", false, false)]
    [InlineData("turn:turn.example.org:80?transport=tcp", "turn.example.org:80", "turn.example.org", true, false)]
    [InlineData("turns:turn.example.org?transport=tcp", "turn.example.org:5349", "turn.example.org", true, true)]
    [InlineData("turn:[2001:db8::1]:3478?transport=udp", "[2001:db8::1]:3478", "2001:db8::1", false, false)]
    public void A_server_is_read(string url, string name, string host, bool tcp, bool tls)
    {
        Assert.True(TurnServer.TryRead(url, out var server));
        Assert.Equal((name, host, tcp, tls), (server.Name, server.Host, server.Tcp, server.Tls));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("stun:stun.example.org")]
    [InlineData("turn:")]
    [InlineData("turn:host:0")]
    [InlineData("turn:host:99999")]
    [InlineData("turn:host?transport=sctp")]
    [InlineData("turn:ho st")]
    [InlineData("http://host")]
    public void Anything_else_is_none(string? url) => Assert.False(TurnServer.TryRead(url, out _));

    static ReportTransportRequest Failed(string url, int code = 701) => new("r", [new IceErrorReport(url, code)]);

    [Fact]
    public void Five_peoples_trouble_takes_a_server_from_the_list_and_one_persons_does_not()
    {
        var (servers, reports, credentials) = Make("turn:one.example.org,turn:two.example.org,stun:stun.example.org");
        for (var i = 0; i < 50; i++)
            reports.Take("liar", Failed("turn:one.example.org"));
        Assert.Equal(3, Assert.Single(credentials.For("ann")).Urls.Count);
        Assert.Equal(["one.example.org:3478"], reports.TakeReported());
        for (var i = 0; i < 4; i++)
            reports.Take($"u{i}", Failed("turn:one.example.org?transport=udp"));
        Assert.Equal(["turn:two.example.org", "stun:stun.example.org"], Assert.Single(credentials.For("ann")).Urls);
        Assert.Equal(5, servers.CircuitOf("one.example.org:3478").Snapshot().FailuresByType["client701"]);
    }

    [Fact]
    public void A_relay_that_works_counts_against_the_trouble()
    {
        var (_, reports, credentials) = Make("turn:one.example.org");
        for (var i = 0; i < 4; i++)
            reports.Take($"u{i}", Failed("turn:one.example.org"));
        reports.Take("well", new ReportTransportRequest("r", SelectedPair: JsonSerializer.SerializeToElement(new { local = "relay", relayUrl = "turn:one.example.org" })));
        for (var i = 4; i < 8; i++)
            reports.Take($"u{i}", Failed("turn:one.example.org"));
        Assert.Single(credentials.For("ann"));
        Assert.Equal((8L, 1L), (reports.Failures, reports.Successes));
    }

    [Fact]
    public void What_cannot_be_a_report_is_refused_and_other_peoples_servers_are_none_of_ours()
    {
        var (_, reports, _) = Make("turn:one.example.org");
        Assert.Equal("iceErrors", Refusal(new("r", [.. Enumerable.Range(0, 21).Select(static _ => new IceErrorReport("x", 701))])).Field);
        Assert.Equal("iceErrors", Refusal(Failed("turn:one.example.org", 7)).Field);
        Assert.Equal("iceErrors", Refusal(Failed(new string('x', 300))).Field);
        Assert.Equal("restarts", Refusal(new("r", Restarts: -1)).Field);
        Assert.Equal("selectedPair", Refusal(new("r", SelectedPair: JsonSerializer.SerializeToElement(new { x = new string('x', 5000) }))).Field);
        reports.Take("u", Failed("turn:other.example.org"));
        Assert.Equal(0, reports.Failures);

        RealtimeError Refusal(ReportTransportRequest request) => Assert.Throws<RealtimeException>(() => reports.Take("u", request)).Error;
    }

    async Task<ChildProcess> StartCoturnAsync(int port)
    {
        var coturn = ChildProcess.Start("turnserver",
        [
            "-n", "--use-auth-secret", $"--static-auth-secret={Secret}", "--realm=test", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", $"--listening-port={port.ToString(CultureInfo.InvariantCulture)}",
            "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout", "--simple-log", $"--pidfile={_folder}/pid", $"--userdb={_folder}/db",
        ]);
        await Eventually.TrueAsync(async () =>
        {
            using var tcp = new TcpClient();
            try
            {
                await tcp.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return coturn.HasExited ? throw new InvalidOperationException(coturn.Output) : false;
            }
        });
        return coturn;
    }

    [Fact]
    [Trait("Tier", "EndToEnd")]
    public async Task The_probe_takes_a_dead_server_from_the_list_and_gives_it_back()
    {
        var patience = TimeSpan.FromSeconds(60);
        await using var kit = new Kit();
        var port = FreePort.Tcp();
        var options = new Options(new TurnOptions { Urls = $"turn:127.0.0.1:{port}?transport=tcp", Secret = Secret });
        var servers = new TurnServers(options, new CircuitRegistry(kit.Time));
        // The server looks at the machine's clock.
        using var probe = new TurnProbe(servers, new TurnCredentials(options, servers, TimeProvider.System), new TurnReports(servers, kit.Time), options, kit.Supervisor);
        await probe.StartAsync(default);
        await UsableAsync(0);
        await using var coturn = await StartCoturnAsync(port);
        await UsableAsync(1);
        await probe.StopAsync(default);

        Task UsableAsync(int count) => Eventually.TrueAsync(() =>
        {
            kit.Time.Advance(TimeSpan.FromSeconds(1));
            return servers.UsableUrls.Length == count;
        }, patience);
    }

    [Fact]
    [Trait("Tier", "EndToEnd")]
    public async Task A_real_server_gives_an_allocation_and_takes_it_back_and_refuses_a_wrong_password()
    {
        var port = FreePort.Tcp();
        await using var coturn = await StartCoturnAsync(port);
        var credentials = new TurnCredentials(new Options(new TurnOptions { Secret = Secret }), Make("").Servers, TimeProvider.System);
        var (user, password) = credentials.Make("ann");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        foreach (var transport in new[] { "udp", "tcp" })
        {
            Assert.True(TurnServer.TryRead($"turn:127.0.0.1:{port}?transport={transport}", out var server));
            await TurnClient.ProbeAsync(server, user, password, patience.Token);
            var refused = await Assert.ThrowsAsync<TurnException>(() => TurnClient.ProbeAsync(server, user, "wrong", patience.Token));
            Assert.Equal("error401", refused.Reason);
        }
        await coturn.KillAsync();
        Assert.True(TurnServer.TryRead($"turn:127.0.0.1:{port}?transport=tcp", out var dead));
        Assert.Equal("unreachable", (await Assert.ThrowsAsync<TurnException>(() => TurnClient.ProbeAsync(dead, user, password, patience.Token))).Reason);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    sealed class Options(TurnOptions options) : IOptionsMonitor<TurnOptions>
    {
        public TurnOptions CurrentValue => options;

        public TurnOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<TurnOptions, string?> listener) => null;
    }
}
