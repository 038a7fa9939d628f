using Realtime.Signaling.Rooms;
using Xunit;

namespace Realtime.Tests.Signaling.Rooms;

public class OrphanedVoicesTests
{
    static readonly HashSet<string> Nobody = [];
    static readonly Dictionary<string, long> Placed = new() { ["call"] = 2 };

    static OrphanedVoices.Voice Voice(string participant, long epoch = 2, string? via = null) => new(new Placement("call", "media-0", epoch), participant, via);

    static IReadOnlyList<OrphanedVoices.Voice> Look(OrphanedVoices orphans, HashSet<string> claimed, params OrphanedVoices.Voice[] present) =>
        orphans.Look(present, claimed, Placed, static voice => voice.Participant == "here");

    [Fact]
    public void Two_looks_make_an_orphan()
    {
        var orphans = new OrphanedVoices();
        Assert.Empty(Look(orphans, Nobody, Voice("p")));
        Assert.Equal([Voice("p")], Look(orphans, Nobody, Voice("p"), Voice("q")));
        // Said again until the node has it no more.
        Assert.Equal([Voice("p"), Voice("q")], Look(orphans, Nobody, Voice("p"), Voice("q")));
    }

    [Fact]
    public void Who_is_claimed_meanwhile_or_not_seen_in_between_is_none()
    {
        var orphans = new OrphanedVoices();
        Look(orphans, Nobody, Voice("p"), Voice("q"));
        Assert.Empty(Look(orphans, ["p"], Voice("p")));
        Assert.Empty(Look(orphans, Nobody, Voice("p"), Voice("q")));
        orphans.Reset();
        Assert.Empty(Look(orphans, Nobody, Voice("p"), Voice("q")));
    }

    [Fact]
    public void Sessions_here_and_sessions_over_http_are_none()
    {
        var orphans = new OrphanedVoices();
        for (var i = 0; i < 3; i++)
            Assert.Empty(Look(orphans, Nobody, Voice("here"), Voice("w", via: "whip")));
    }

    [Fact]
    public void A_copy_that_was_superseded_has_no_right_to_anybody()
    {
        var orphans = new OrphanedVoices();
        Look(orphans, ["p"], Voice("p", epoch: 1), Voice("p"), Voice("w", epoch: 1, via: "whip"));
        Assert.Equal([Voice("p", epoch: 1), Voice("w", epoch: 1, via: "whip")], Look(orphans, ["p"], Voice("p", epoch: 1), Voice("p"), Voice("w", epoch: 1, via: "whip")));
    }
}
