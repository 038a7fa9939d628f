using System.Diagnostics;
using System.Net.Http.Json;
using Realtime.Bench.Load;

namespace Realtime.Bench.Servers;

/// <summary>The small SFU of bench/pion, built with Debian's Go and Pion packages.</summary>
sealed class PionServer(LoadThread load, string folder, Action<string> say) : ISfu
{
    /// <summary>Where Debian's packages put Go sources.</summary>
    const string DebianSources = "/usr/share/gocode";

    readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(20) };
    readonly Uri address = new($"http://127.0.0.1:{ServerProcess.FreePort()}");
    ServerProcess? process;

    public string Name => "pion";

    public ServerProcess Process => process ?? throw new InvalidOperationException("Pion is not started.");

    public async Task StartAsync(CancellationToken stop)
    {
        var binary = Path.Combine(folder, "pion-sfu");
        if (!File.Exists(binary)) await BuildAsync(binary, stop);
        process = ServerProcess.Start(binary, [address.Authority], Path.Combine(folder, "pion.log"));
        await process.WaitUntilAsync(async () =>
        {
            try
            {
                await http.GetStringAsync(new Uri(address, "/tracks?room=0"), stop);
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, stop);
    }

    public Task OpenRoomAsync(int room, SourceKind kind) => Task.CompletedTask;

    public Task PublishAsync(int room, LoadClient client) => ConnectAsync($"/publish?room={room}", client, client.Offer());

    public async Task WaitForTracksAsync(int room, int tracks)
    {
        var giveUp = Stopwatch.StartNew();
        while (await http.GetStringAsync(new Uri(address, $"/tracks?room={room}")) != $"{tracks}")
        {
            if (giveUp.Elapsed > TimeSpan.FromSeconds(20)) throw new TimeoutException("Pion does not see the publishers' tracks.");
            await Task.Delay(20);
        }
    }

    public Task SubscribeAsync(int room, LoadClient client, SourceKind kind, int tracks) =>
        ConnectAsync($"/subscribe?room={room}", client, client.Offer(kind, tracks));

    public Task LeaveAsync(int room, LoadClient client) => http.PostAsync(new Uri(address, $"/leave?id={client.ServerId}"), null);

    public Task<long?> AllocatedBytesAsync() => Task.FromResult<long?>(null);

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (process is not null) await process.DisposeAsync();
    }

    async Task ConnectAsync(string route, LoadClient client, string offer)
    {
        using var content = new StringContent(offer);
        using var response = await http.PostAsync(new Uri(address, route), content);
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"Pion: {await response.Content.ReadAsStringAsync()}");
        var answer = await response.Content.ReadFromJsonAsync<PionAnswer>();
        client.ServerId = answer!.Id;
        await load.AcceptAsync(client, answer.Sdp);
    }

    async Task BuildAsync(string binary, CancellationToken stop)
    {
        say("Building the Pion SFU …");
        // Without modules, Go maps an import of …/v3 to a package without that folder only for sources below GOPATH that have a go.mod.
        var workspace = Path.Combine(folder, "go");
        var package = Directory.CreateDirectory(Path.Combine(workspace, "src", "pionsfu")).FullName;
        foreach (var source in Directory.GetFiles(Sources())) File.Copy(source, Path.Combine(package, Path.GetFileName(source)), overwrite: true);
        var start = new ProcessStartInfo("go", ["build", "-o", binary, "."])
        {
            WorkingDirectory = package,
            RedirectStandardError = true,
        };
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOPATH"] = $"{workspace}:{DebianSources}";
        start.Environment["GOCACHE"] = Path.Combine(Path.GetTempPath(), "realtime-bench-go");
        using var build = System.Diagnostics.Process.Start(start)!;
        var errors = await build.StandardError.ReadToEndAsync(stop);
        await build.WaitForExitAsync(stop);
        if (build.ExitCode != 0) throw new InvalidOperationException($"The Pion SFU does not build: {errors}");
    }

    static string Sources()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var sources = Path.Combine(folder.FullName, "bench", "pion");
            if (Directory.Exists(sources)) return sources;
        }

        throw new DirectoryNotFoundException("bench/pion is not above this program.");
    }

    sealed record PionAnswer(string Id, string Sdp);
}
