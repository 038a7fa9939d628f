using System.Net;
using Realtime.Contracts;
using Realtime.Signaling.Rooms;
using Realtime.Tests.Harness;
using Realtime.Tests.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Signaling.Whip;

/// <summary>The only node dies under a session.</summary>
public sealed class WhipNodeDeathTests(WhipServer server) : IClassFixture<WhipServer>
{
    [Fact]
    public async Task Without_a_node_an_offer_is_503_and_ending_works_all_the_same()
    {
        var user = server.NewUser();
        var (location, etag, _) = await server.OpenAsync("/whip/lobby", user, ChromiumOffer.Text("sendonly"));
        await server.KillNodeAsync();
        await Eventually.TrueAsync(() => server.Directory().Nodes().All(static node => node.State == NodeState.Lost), what: "the node is lost");

        var refused = await server.PostAsync("/whip/lobby", user, ChromiumOffer.Text("sendonly"));
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal((503, ErrorCode.Unavailable, null), await WhipServer.ProblemAsync(refused));
        using var patched = await server.PatchAsync(location, user, "a=end-of-candidates", etag);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, patched.StatusCode);
        Assert.NotNull(patched.Headers.RetryAfter);
        using var ended = await server.SendAsync(HttpMethod.Delete, location, user);
        Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
    }
}
