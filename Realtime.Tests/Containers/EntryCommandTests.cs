using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Docker;
using Aspire.Hosting.Docker.Resources.ComposeNodes;
using Realtime.Contracts;
using Realtime.Tests.AppHost;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Containers;

/// <summary>The entry commands of the images, run as a container runs them with the variables that the published model gives, in Production; then told to stop as a platform does.</summary>
[Trait("Tier", "EndToEnd")]
[Collection(nameof(EntryCommandTests))]
[CollectionDefinition(nameof(EntryCommandTests), DisableParallelization = true)]
public sealed class EntryCommandTests : IAsyncLifetime
{
    const int SigTerm = 15;
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    readonly Dictionary<string, ChildProcess> _processes = [];
    readonly Dictionary<string, int> _ports = [];
    PostgresServer? _postgres;
    RedisServer? _redis;

    public async ValueTask InitializeAsync() => (_postgres, _redis) = (await PostgresServer.StartAsync(), await RedisServer.StartAsync());

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, process) in _processes)
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed)
                TestContext.Current.TestOutputHelper?.WriteLine($"=== {name}\n{process.Output}");
            await process.DisposeAsync();
        }

        _http.Dispose();
        await _redis!.DisposeAsync();
        await _postgres!.DisposeAsync();
    }

    [Fact]
    public async Task WithoutRights_AndNothingToWriteTo_TheyWork_AndEndInOrder()
    {
        var model = await PublishedModel.OfAsync("compose", "--Media:Count=1", "--Media:Workers=1");
        foreach (var name in new[] { "media-0", "signaling", "web" })
            _ports[name] = FreePort.Tcp();
        _ports["control"] = FreePort.Tcp();
        await StartAsync(model, "media-0", "Realtime.Media", new()
        {
            ["Media__ControlPort"] = Text(_ports["control"]),
            ["Media__UdpPort"] = Text(FreePort.MediaBase(nodes: 1)),
            ["Media__TcpPort"] = Text(FreePort.Tcp()),
            ["Media__AnnouncedAddresses"] = "127.0.0.1",
        });
        await StartAsync(model, "signaling", "Realtime.Signaling", new()
        {
            ["ConnectionStrings__redis"] = _redis!.ConnectionString,
            ["ConnectionStrings__realtimedb"] = _postgres!.ConnectionString,
            ["services__media-0__control__0"] = $"http://127.0.0.1:{_ports["control"]}",
            // Where a volume is mounted in the container.
            ["Attachments__Directory"] = Path.Combine(Path.GetTempPath(), "attachments"),
            ["Turn__Urls"] = "",
        });
        await StartAsync(model, "web", "Realtime.Web", new()
        {
            ["ConnectionStrings__realtimedb"] = _postgres.ConnectionString,
            ["services__signaling__http__0"] = $"http://127.0.0.1:{_ports["signaling"]}",
        });
        foreach (var name in _processes.Keys)
            await Eventually.TrueAsync(() => AnswersAsync(name, "/ready"), s_patience, $"{name} is ready");

        await TheyDoTheirWorkAsync(model);
        foreach (var (name, process) in _processes)
        {
            var rights = await Sandbox.RightsAsync(process.Id);
            Assert.False(rights.CanGain, $"{name} could gain rights.");
            Assert.True(!Environment.IsPrivilegedProcess || rights.User == Sandbox.User, $"{name} runs as {rights.User}.");
            Assert.Equal(0, await RunAsync(Healthcheck(model[name], _ports[name])));
        }

        // In any order: web still follows signaling's feed, and signaling the node's events; no stream without an end may hold a stop up.
        foreach (var name in new[] { "signaling", "media-0", "web" })
        {
            _processes[name].Signal(SigTerm);
            await _processes[name].WaitForExitAsync();
            Assert.Equal((name, 0), (name, _processes[name].ExitCode));
        }

        Assert.NotEqual(0, await RunAsync(Healthcheck(model["web"], _ports["web"])));
    }

    /// <summary>A token of the team's key, a message, a place in a call; the pages, and the console's sign-in with the keys in the database.</summary>
    async Task TheyDoTheirWorkAsync(PublishedModel model)
    {
        var secrets = await model.ResolvedAsync(model["signaling"]);
        var signaling = new Uri($"http://127.0.0.1:{_ports["signaling"]}");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(signaling, "/api/tokens"))
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"app:{secrets["Auth__Keys__app__Secrets__0"]}"))) },
            Content = JsonContent.Create(new TokenRequest("ann", "Ann", "00:10:00", new Grants(["*"], ["*"], true, true)), options: ContractsJson.Options),
        };
        using var answer = await _http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        var token = (await answer.Content.ReadFromJsonAsync<TokenResponse>(ContractsJson.Options))!.Token;
        await using var hub = await HubClient.ConnectAsync(new HubClientOptions(signaling, token));
        await hub.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        await hub.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest("general"));
        Assert.Equal(1, (await hub.InvokeAsync<SendMessageResult>("SendMessage", new SendMessageRequest("general", Guid.CreateVersion7().ToString(), "from a container"))).Seq);
        Assert.Equal("lobby", (await hub.InvokeAsync<JoinRoomResult>("JoinRoom", new JoinRoomRequest("lobby"))).Room);

        var web = new Uri($"http://127.0.0.1:{_ports["web"]}");
        Assert.Contains("https://signal.example.org/hub", await _http.GetStringAsync(new Uri(web, "/join/config")), StringComparison.Ordinal);
        Assert.Contains("<script", await _http.GetStringAsync(web), StringComparison.Ordinal);
        Assert.Contains("__RequestVerificationToken", await _http.GetStringAsync(new Uri(web, "/console/sign-in")), StringComparison.Ordinal);
    }

    async Task StartAsync(PublishedModel model, string name, string project, Dictionary<string, string> here)
    {
        var published = await Sandbox.PublishAsync(project);
        var variables = new Dictionary<string, string>(await model.ResolvedAsync(model[name]));
        foreach (var (variable, value) in here)
        {
            Assert.True(variables.ContainsKey(variable), $"{variable} is not in the model.");
            variables[variable] = value;
        }

        variables["HTTP_PORTS"] = Text(_ports[name]);
        _processes[name] = Sandbox.Start(published, project, variables);
    }

    async Task<bool> AnswersAsync(string name, string path)
    {
        Assert.False(_processes[name].HasExited, $"{name} has ended: {_processes[name].Output}");
        try
        {
            using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{_ports[name]}{path}"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The command that Compose runs in the container.</summary>
    static string[] Healthcheck(IResource resource, int port)
    {
        var service = new Service { Name = resource.Name };
        foreach (var customization in resource.Annotations.OfType<DockerComposeServiceCustomizationAnnotation>())
            customization.Configure(null!, service);
        return [.. service.Healthcheck!.Test.Skip(1).Select(part => part.Replace("/8080", $"/{Text(port)}", StringComparison.Ordinal))];
    }

    static async Task<int> RunAsync(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
