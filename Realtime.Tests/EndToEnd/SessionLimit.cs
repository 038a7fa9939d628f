using System.Net;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

/// <summary>That the limits of production are on in these tests.</summary>
public sealed class SessionLimit(RunningApp app) : EndToEndTest(app)
{
    [Fact]
    public async Task TheEleventhNewSessionOfAnAddressIsRefused_AndToldWhenToComeBack()
    {
        var outcomes = new List<string>();
        for (var i = 0; i < 11; i++)
        {
            await using var hub = await HubClient.ConnectAsync(new HubClientOptions(App.Signaling[0], await App.TokenAsync($"limit-{i}")) { SourceAddress = IPAddress.Parse("127.9.9.9") });
            try
            {
                outcomes.Add((await hub.InvokeAsync<HelloResult>("Hello", new HelloRequest())).Session);
            }
            catch (HubCallException refusal)
            {
                outcomes.Add(refusal.Error.Code);
                Assert.InRange(refusal.Error.RetryAfterMs ?? 0, 1, 60_000);
            }
        }
        Assert.Equal([10], outcomes.Index().Where(outcome => outcome.Item == ErrorCode.RateLimited).Select(outcome => outcome.Index));
    }
}
