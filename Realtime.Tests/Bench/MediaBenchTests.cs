using Realtime.Bench.Options;
using Realtime.Bench.Runs;
using Xunit;

namespace Realtime.Tests.Bench;

[Trait("Tier", "EndToEnd")]
public sealed class MediaBenchTests
{
    /// <summary>Counts, no times: the generator and our node understand each other, and nothing is lost on the way.</summary>
    [Fact]
    public async Task A_small_call_through_our_own_node_arrives_whole()
    {
        var said = new List<string>();
        using var bench = new MediaBench(said.Add);
        var line = await bench.RunAsync(new Scenario(1, 2, 300, TimeSpan.FromSeconds(2), []), TestContext.Current.CancellationToken);
        Assert.True((long)line["forwarded"]! > 0, string.Join('\n', said));
        Assert.Equal(0, (long)line["lost"]!);
        Assert.Equal(0, (long)line["corrupt"]!);
        Assert.Equal(0, (double)line["allocatedBytesPerPacket"]!);
        Assert.Equal(0, (long)line["forwarded"]! % 2);
    }
}
