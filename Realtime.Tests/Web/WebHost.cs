using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Realtime.Web;

namespace Realtime.Tests.Web;

/// <summary>Realtime.Web in this process, on a port of its own.</summary>
sealed class WebHost : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly string _directory;

    WebHost(WebApplication app, string directory)
    {
        (_app, _directory) = (app, directory);
        Address = new Uri(app.Urls.First());
        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<WebHost> StartAsync(Uri? signaling, string environment = "Development", params (string Key, string Value)[] configuration)
    {
        var options = new WebApplicationOptions
        {
            ApplicationName = "Realtime.Web",
            EnvironmentName = environment,
            ContentRootPath = AppContext.BaseDirectory,
        };
        var directory = Path.Combine(Path.GetTempPath(), $"realtime-console-{Guid.NewGuid():N}");
        var app = WebApp.Build(options, builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            builder.Configuration.AddInMemoryCollection([
                new("Auth:DevKeyId", FakeSignaling.KeyId),
                new("Auth:DevKeySecret", FakeSignaling.KeySecret),
                new("services:signaling:http:0", signaling?.OriginalString.TrimEnd('/')),
                new("Console:Directory", directory),
                new("CrashReports:Directory", Path.Combine(Path.GetTempPath(), "realtime-web-tests")),
                .. configuration.Select(static pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)),
            ]);
        });
        await app.StartAsync();
        return new WebHost(app, directory);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
        if (Directory.Exists(_directory))
            Directory.Delete(_directory, recursive: true);
    }
}
