using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Core;
using Realtime.Media.Rooms;
using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class LastNShowsWhoSpoke
{
    /// <summary>Publishers a to e, all silent, and a viewer who is shown two of them.</summary>
    static (VirtualNode Node, Dictionary<string, TestPeer> People, TestPeer Viewer) Begin(ulong seed, int? room = 2)
    {
        var node = new VirtualNode(seed);
        var viewer = node.Join("viewer", publish: false);
        if (room is { } most) Set(node, new RoomSettings(LastN: most));
        var people = new Dictionary<string, TestPeer>();
        foreach (var id in new[] { "a", "b", "c", "d", "e" })
        {
            people[id] = node.JoinPublishing(id);
            people[id].Sources[0].Level = 127;
        }

        node.Run(TimeSpan.FromSeconds(2));
        return (node, people, viewer);
    }

    static void Set(VirtualNode node, RoomSettings settings) =>
        Assert.Null(node.Worker.SetRoom(node.Now, new SetRoomCommand($"set-{node.Now}", VirtualNode.Room, VirtualNode.Epoch, settings), new Outbox()).Error);

    static void View(VirtualNode node, int? lastN, params string[] pinned) =>
        Assert.Null(node.Worker.SetView(node.Now, new SetViewCommand($"view-{node.Now}", VirtualNode.Room, VirtualNode.Epoch, "viewer", lastN, pinned), new Outbox()).Error);

    static string[] Shown(VirtualNode node, TestPeer viewer) =>
    [
        .. node.Told<SectionBoundEvent>(viewer.Id).GroupBy(static e => e.Mid).Select(static mid => mid.Last())
            .Where(e => e.Publisher is not null && viewer.Offer.Sections.Single(section => section.Mid == e.Mid).Kind == SectionKind.Video)
            .Select(static e => e.Publisher!).Order(),
    ];

    static void Speak(VirtualNode node, TestPeer who, TimeSpan how)
    {
        who.Sources[0].Level = 20;
        node.Run(how);
        who.Sources[0].Level = 127;
        node.Run(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Who_speaks_takes_the_place_of_who_was_silent_longest_without_a_negotiation()
    {
        var (node, people, viewer) = Begin(seed: 510);
        using var _ = node;
        Assert.Equal(["a", "b"], Shown(node, viewer));
        // Everybody is heard.
        Assert.Equal(5, viewer.Offer.Sections.Count(static section => section.Kind == SectionKind.Audio));
        var sections = viewer.Offer.Sections.Count;

        Speak(node, people["d"], TimeSpan.FromSeconds(1));
        Assert.Equal(["a", "d"], Shown(node, viewer));
        Speak(node, people["e"], TimeSpan.FromSeconds(1));
        Assert.Equal(["d", "e"], Shown(node, viewer));
        // Who is shown already moves nobody.
        var told = node.Told<SectionBoundEvent>("viewer").Count();
        Speak(node, people["d"], TimeSpan.FromSeconds(1));
        Assert.Equal(told, node.Told<SectionBoundEvent>("viewer").Count());

        Assert.Equal(sections, viewer.Offer.Sections.Count);
        foreach (var track in viewer.Tracks) Assert.True(track.IsContinuous());
        var shown = viewer.TrackOf(people["e"].Sources[1])!;
        Assert.True(shown.From(people["e"].Sources[1].Ssrc).First().IsKeyframe);
        // One word for one change: no section was told to be empty in between.
        Assert.DoesNotContain(node.Told<SectionBoundEvent>("viewer"), static e => e.Publisher is null);
    }

    [Fact]
    public void The_pinned_stay_whoever_speaks_and_come_beyond_the_limit()
    {
        var (node, people, viewer) = Begin(seed: 511);
        using var _ = node;
        View(node, 1, "e");
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(["e"], Shown(node, viewer));
        Speak(node, people["c"], TimeSpan.FromSeconds(1));
        Assert.Equal(["e"], Shown(node, viewer));
        View(node, 2, "e");
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(["c", "e"], Shown(node, viewer));
        View(node, 0);
        Assert.Empty(Shown(node, viewer));
        // Beyond the room's limit nobody sees more, but what they pin.
        View(node, 64, "a", "b", "c", "d");
        node.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(["a", "b", "c", "d"], Shown(node, viewer));
    }

    [Fact]
    public void A_room_that_lifts_the_limit_shows_everybody()
    {
        var (node, _, viewer) = Begin(seed: 512);
        using var disposed = node;
        Set(node, new RoomSettings(LastN: RoomSettings.MostVideos));
        node.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(["a", "b", "c", "d", "e"], Shown(node, viewer));
        Assert.Equal(RoomSettings.MostVideos, node.Told<RoomUpdatedEvent>().Last().Settings.LastN);
    }

    [Fact]
    public void More_tracks_than_sections_are_chosen_by_who_spoke()
    {
        using var node = new VirtualNode(seed: 513, quotas: new Realtime.Media.Isolation.MediaQuotas { PeerSections = 6 });
        var viewer = node.Join("viewer", publish: false);
        var people = Enumerable.Range(0, 5).Select(i => node.JoinPublishing($"p{i}")).ToList();
        foreach (var one in people) one.Sources[0].Level = 127;
        node.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(6, viewer.Offer.Sections.Count);
        // Three pictures and three voices: what has been offered stays what it is.
        Assert.Equal(["p0", "p1", "p2"], Shown(node, viewer));
        Assert.Null(viewer.TrackOf(people[4].Sources[0]));
        Speak(node, people[4], TimeSpan.FromSeconds(1));
        Assert.Equal(["p0", "p1", "p4"], Shown(node, viewer));
        Assert.NotNull(viewer.TrackOf(people[4].Sources[0]));
        Assert.Equal(Importance.Other, default(Importance) + 2);
    }
}
