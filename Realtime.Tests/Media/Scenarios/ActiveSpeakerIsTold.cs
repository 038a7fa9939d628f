using Realtime.Contracts.MediaControl;
using Realtime.Media.Rooms;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Scenarios;

public sealed class ActiveSpeakerIsTold
{
    static string[] Last(VirtualNode node) => [.. node.Told<SpeakersChangedEvent>().Last().Speakers.Select(static one => one.Participant)];

    [Fact]
    public void Who_speaks_is_told_who_is_louder_leads_and_silence_is_an_empty_list()
    {
        using var node = new VirtualNode(seed: 500);
        var (alice, bob) = (node.JoinPublishing("alice"), node.JoinPublishing("bob"));
        (alice.Sources[0].Level, bob.Sources[0].Level) = (127, 127);
        node.Run(TimeSpan.FromSeconds(2));
        Assert.Empty(node.Told<SpeakersChangedEvent>());

        bob.Sources[0].Level = 30;
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(["bob"], Last(node));

        // Hardly louder than who speaks already: beside, not before.
        alice.Sources[0].Level = 27;
        node.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(["bob", "alice"], Last(node));

        alice.Sources[0].Level = 10;
        node.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(["alice", "bob"], Last(node));

        (alice.Sources[0].Level, bob.Sources[0].Level) = (127, 127);
        node.Run(TimeSpan.FromSeconds(4));
        Assert.Empty(Last(node));
        // Nothing is told that is no news.
        Assert.InRange(node.Told<SpeakersChangedEvent>().Count(), 4, 6);
    }

    [Fact]
    public void Pauses_between_words_and_a_flickering_level_are_no_news()
    {
        using var node = new VirtualNode(seed: 501);
        var alice = node.JoinPublishing("alice");
        node.JoinPublishing("bob").Sources[0].Level = 127;
        for (var i = 0; i < 50; i++)
        {
            alice.Sources[0].Level = (byte)(i % 2 == 0 ? 25 : 127);
            node.Run(TimeSpan.FromMilliseconds(200));
        }

        Assert.Equal(["alice"], node.Told<SpeakersChangedEvent>().Single().Speakers.Select(static one => one.Participant));
    }

    [Fact]
    public void Who_is_muted_or_leaves_speaks_no_more()
    {
        using var node = new VirtualNode(seed: 502);
        var (alice, bob) = (node.JoinPublishing("alice"), node.JoinPublishing("bob"));
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, Last(node).Length);
        var track = node.Told<PublishedEvent>("alice").First(e => e.Mid == "0").Track.Track;
        node.SetMuted(alice, track, true);
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(["bob"], Last(node));
        node.Leave(bob);
        node.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(Last(node));
    }

    [Fact]
    public void A_second_silent_track_of_the_same_person_changes_nothing()
    {
        var voice = new VoiceActivity();
        var now = Realtime.Media.Core.Instant.FromMilliseconds(1);
        for (var i = 0; i < 100; i++)
        {
            now += TimeSpan.FromMilliseconds(20);
            voice.Heard(now, new Realtime.Media.Rtp.AudioLevel(20, true));
            voice.Heard(now, new Realtime.Media.Rtp.AudioLevel(127, false));
            voice.Update(now);
        }

        Assert.True(voice.IsSpeaking);
        Assert.InRange(voice.Loudness, 100, 107);
    }
}
