using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Fanout;
using Xunit;

namespace Realtime.Tests.Signaling.Fanout;

public class CurrentMessagesTests
{
    static readonly DateTimeOffset When = DateTimeOffset.UnixEpoch;

    static ChannelEvent Created(long seq) => HubFrames.MessageCreated(new Message("c", 1, seq, $"m{seq}", "ann", "Ann", $"text {seq}", When, $"c{seq}", Mentions: ["bob"], ReplyTo: "m0"));

    static ChannelEvent Updated(long seq, long of) => HubFrames.MessageUpdated(new("c", 1, seq, $"m{of}", of, $"edit {seq}", "ann", When));

    static ChannelEvent Deleted(long seq, long of) => HubFrames.MessageDeleted(new("c", 1, seq, $"m{of}", of, "ann", When));

    static IEnumerable<string> Shown(IEnumerable<Message> messages) => messages.Select(static message => $"{message.Seq} {message.Text}{(message.EditedAt is null ? "" : " edited")}{(message.Deleted == true ? "gone" : "")}");

    static readonly ChannelEvent[] Events = [Updated(5, 1), Created(6), Created(7), Updated(8, 6), Deleted(9, 7), Created(10), Updated(11, 6)];

    [Fact]
    public void Messages_are_as_the_last_change_left_them() => Assert.Equal(["6 edit 11 edited", "7 gone", "10 text 10"], Shown(CurrentMessages.FirstOf(Events, 100)));

    [Fact]
    public void Fewer_are_the_first_or_the_last_with_all_their_changes()
    {
        Assert.Equal(["6 edit 11 edited"], Shown(CurrentMessages.FirstOf(Events, 1)));
        Assert.Equal(["7 gone", "10 text 10"], Shown(CurrentMessages.LastOf(Events, 2)));
        Assert.Empty(CurrentMessages.LastOf(Events, 0));
        Assert.Empty(CurrentMessages.LastOf([], 5));
    }

    [Fact]
    public void What_a_deletion_takes_is_gone_from_events_and_messages_alike()
    {
        var gone = HubFrames.Scrub(Created(7));
        Assert.Equal((7L, 7L, ChannelEventKind.Created), (gone.Seq, gone.MessageSeq, gone.Kind));
        var scrubbed = HubFrames.Read<Message>(gone);
        Assert.Equal(scrubbed, CurrentMessages.FirstOf([Created(7), Deleted(8, 7)], 1)[0]);
        Assert.Equal(("", null, null, true), (scrubbed.Text, scrubbed.Mentions, scrubbed.ReplyTo, scrubbed.Deleted));
        Assert.Equal(("", true), (HubFrames.Read<MessageUpdatedEvent>(HubFrames.Scrub(Updated(8, 7))).Text, HubFrames.Read<MessageUpdatedEvent>(HubFrames.Scrub(Updated(8, 7))).Deleted));
        var deletion = Deleted(8, 7);
        Assert.Same(deletion, HubFrames.Scrub(deletion));
    }
}
