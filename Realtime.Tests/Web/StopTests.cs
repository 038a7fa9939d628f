using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Realtime.Tests.Web;

public sealed class StopTests
{
    /// <summary>A viewer's stream has no end of its own: a stop that waited for it would be cut off by the platform.</summary>
    [Fact]
    public async Task AStopEndsTheStreamsOfViewers_InOrder()
    {
        await using var web = await WebHost.StartAsync(null);
        using var response = await web.Http.GetAsync(new Uri(web.Address, "/console/live/overview"), HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.NotNull(await reader.ReadLineAsync());
        web.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        // The end of the body, and no broken connection.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Assert.NotNull(await reader.ReadToEndAsync(patience.Token));
    }
}
