using Xunit;
using static Realtime.Tests.Harness.Observation;

namespace Realtime.Tests.Harness;

/// <summary>The checker finds each anomaly (negative controls) and accepts what is right.</summary>
public sealed class HistoryCheckerTests
{
    long _at;

    [Fact]
    public void AcceptsARetriedResumedOrderedRun() => Expect([],
        Join("a", 0), Join("b", 0),
        Send("a", "m1"), Ack("a", "m1", 1), Get("a", 1, "m1"), Get("b", 1, "m1"),
        // Two in flight at once may land in either order; an unanswered one may be stored.
        Send("a", "m2"), Send("b", "m3"), Send("b", "m4"), Ack("b", "m3", 2), Ack("a", "m2", 3),
        Get("a", 2, "m3"), Get("a", 3, "m2"), Get("a", 4, "m4"), Get("b", 2, "m3"), Get("b", 3, "m2"), Get("b", 4, "m4"),
        Send("b", "no"), new Refused("b", _at++, "c", "no", "invalid"),
        // A late member has no claim to what was before; an announced gap is no loss.
        Join("late", 4), Send("a", "m5"), Ack("a", "m5", 5), Get("a", 5, "m5"), Get("b", 5, "m5"), new ToldOfGap("late", _at++, "c", 5, 5));

    [Fact]
    public void FindsALostMessage_AlsoWhenItWasTheLast() => Expect([Anomaly.LostAcknowledged],
        Join("a", 0), Join("b", 0), Send("a", "m1"), Ack("a", "m1", 1), Get("a", 1, "m1"));

    [Fact]
    public void FindsALostMessage_WithAGap() => Expect([Anomaly.LostAcknowledged, Anomaly.Gap],
        Join("a", 0), Send("a", "m1"), Ack("a", "m1", 1), Send("a", "m2"), Ack("a", "m2", 2), Get("a", 2, "m2"));

    [Fact]
    public void FindsTwoMessagesInOnePlace() => Expect([Anomaly.Divergence],
        Send("a", "m1"), Send("a", "m2"), Join("a", 0), Join("b", 0), Get("a", 1, "m1"), Get("b", 1, "m2"));

    [Fact]
    public void FindsOneMessageInTwoPlaces() => Expect([Anomaly.Divergence],
        Send("a", "m1"), Join("a", 0), Join("b", 1), Get("a", 1, "m1"), Get("b", 2, "m1"));

    [Fact]
    public void FindsARefusedMessageThatWasDelivered() => Expect([Anomaly.AbortedRead],
        Join("a", 0), Send("a", "m1"), new Refused("a", _at++, "c", "m1", "invalid"), Get("a", 1, "m1"));

    [Fact]
    public void FindsAMessageNobodySent() => Expect([Anomaly.AbortedRead], Join("a", 0), Get("a", 1, "m1"));

    [Fact]
    public void FindsADuplicate() => Expect([Anomaly.Duplicate],
        Join("a", 0), Send("a", "m1"), Ack("a", "m1", 1), Get("a", 1, "m1"), Get("a", 1, "m1"));

    [Fact]
    public void FindsAnInversion() => Expect([Anomaly.OrderInversion, Anomaly.Gap],
        Join("a", 0), Send("a", "m1"), Send("a", "m2"), Get("a", 2, "m2"), Get("a", 1, "m1"));

    [Fact]
    public void FindsARealTimeInversion() => Expect([Anomaly.RealTimeOrder],
        Send("a", "m1"), Ack("a", "m1", 2), Send("b", "m2"), Ack("b", "m2", 1));

    [Fact]
    public void FindsARetryThatWasStoredTwice() => Expect([Anomaly.StoredTwice],
        Join("b", 0), Send("a", "m1"), Get("b", 1, "m1"), new Received("b", _at++, "c", 1, 2, "other id", "author", "m1", "m1"));

    [Fact]
    public void FindsTwoAcknowledgementsOfOneMessage() => Expect([Anomaly.StoredTwice],
        Send("a", "m1"), Ack("a", "m1", 1), new Acknowledged("a", _at++, "c", "m1", "other id", 2));

    [Fact]
    public void FindsAnAcknowledgementOfAnotherPlace() => Expect([Anomaly.WrongAcknowledgement],
        Join("b", 6), Send("a", "m1"), Ack("a", "m1", 6), Get("b", 7, "m1"));

    [Fact]
    public void AcceptsEditsAndRemovalsInTheSameOrder() => Expect([],
        Join("a", 0), Send("a", "m1"), Ack("a", "m1", 1), Get("a", 1, "m1"),
        Send("a", Edited), AckChange("a", Edited, 2), GetChange("a", 2, Edited), Send("a", Removed), AckChange("a", Removed, 3), GetChange("a", 3, Removed),
        // Who catches up reads the messages as they stand; changes in that range are no gap to it.
        Join("b", 0), new Received("b", _at++, "c", 1, 1, "id-m1", "author", "m1", null), new CaughtUp("b", _at++, "c", 1, 3),
        Send("a", "m4"), Ack("a", "m4", 4), Get("a", 4, "m4"), Get("b", 4, "m4"));

    [Fact]
    public void FindsALostEdit() => Expect([Anomaly.LostAcknowledged, Anomaly.Gap],
        Join("a", 0), Send("a", "m1"), Get("a", 1, "m1"), Send("a", Edited), AckChange("a", Edited, 2), Send("a", "m3"), Get("a", 3, "m3"));

    [Fact]
    public void FindsAMessageLostInCatchingUp() => Expect([Anomaly.LostAcknowledged, Anomaly.Gap],
        Join("b", 0), Send("a", "m1"), Ack("a", "m1", 1), new CaughtUp("b", _at++, "c", 1, 1), Send("a", "m2"), Get("b", 2, "m2"));

    [Fact]
    public void FindsAnEditThatTwoPeopleSawInTwoPlaces() => Expect([Anomaly.Divergence],
        Join("a", 1), Join("b", 2), Send("a", Edited), GetChange("a", 2, Edited), GetChange("b", 3, Edited));

    [Fact]
    public void AcceptsWhoLeftAndCameBack() => Expect([],
        Join("b", 0), Send("a", "m1"), Ack("a", "m1", 1), Get("b", 1, "m1"), new Left("b", _at++, "c"),
        Send("a", "m2"), Ack("a", "m2", 2), Join("b", 2), Send("a", "m3"), Ack("a", "m3", 3), Get("b", 3, "m3"),
        // Nothing is owed to the dead and to those who left.
        Join("d", 3), new Died("d", _at++), Join("e", 3), new Left("e", _at++, "c"), Send("a", "m4"), Ack("a", "m4", 4), Get("b", 4, "m4"));

    [Fact]
    public void AcceptsAPageOfHistoryThatIsWhole() => Expect([],
        Send("a", "m1"), Ack("a", "m1", 1), Send("a", "m2"), Ack("a", "m2", 2), Page("b", 0, true, (1, "m1"), (2, "m2")), Page("b", 0, false, (1, "m1")),
        // Acknowledged after it was asked for.
        new ReadHistory("b", 1000, 0, "c", 0, true, []));

    [Fact]
    public void FindsAHoleInAPageOfHistory() => Expect([Anomaly.LostAcknowledged],
        Send("a", "m1"), Ack("a", "m1", 1), Send("a", "m2"), Ack("a", "m2", 2), Page("b", 0, true, (2, "m2")));

    [Fact]
    public void FindsAMessageMissingAtTheEndOfHistory() => Expect([Anomaly.LostAcknowledged],
        Send("a", "m1"), Ack("a", "m1", 1), Send("a", "m2"), Ack("a", "m2", 2), At(6, Page("b", 0, true, (1, "m1"))));

    [Fact]
    public void AcceptsAPageThatIsBehindForAMoment_OrWhileSomethingIsInTheWay() => Expect([],
        Send("a", "m1"), Ack("a", "m1", 1), At(4, Page("b", 0, true)), At(20, Page("b", 0, true)), At(30, new Healed(0)));

    [Fact]
    public void FindsAPageOfHistoryOutOfOrder() => Expect([Anomaly.OrderInversion],
        Send("a", "m1"), Send("a", "m2"), Page("b", 0, true, (2, "m2"), (1, "m1")));

    [Fact]
    public void AcceptsWhatIsSeenSoonAfterTheLastFault() => Expect([],
        Join("b", 0), Send("a", "m1"), Ack("a", "m1", 1), At(90, new Healed(0)), At(94, Get("b", 1, "m1")),
        // Who comes back later has as long from then on.
        Join("d", 1), Send("a", "m2"), At(80, Ack("a", "m2", 2)), At(91, Get("b", 2, "m2")), At(100, new CameOnline("d", 0)), At(104, Get("d", 2, "m2")));

    [Fact]
    public void FindsWhatIsSeenTooLate() => Expect([Anomaly.Unseen],
        Join("b", 0), Send("a", "m1"), Ack("a", "m1", 1), At(90, new Healed(0)), At(96, Get("b", 1, "m1")));

    [Fact]
    public void FindsWhoDoesNotComeBack() => Expect([Anomaly.Unseen], At(90, new Healed(0)), At(121, new CameOnline("b", 0)));

    [Fact]
    public void FindsAMessageOfAnotherChannel() => Expect([Anomaly.Unauthorised], Send("a", "m1"), Get("eve", 1, "m1"));

    [Fact]
    public void AcceptsAMessageOfADirectChannel() => Expect([], Send("a", "m1"), new Entitled("b", _at++, "c"), Get("b", 1, "m1"));

    [Fact]
    public void FindsAMessageAfterABan() => Expect([Anomaly.Unauthorised],
        Join("eve", 0), At(10, new PutOut("mod", 0, "c", "eve")), At(16, Send("a", "m1")), At(17, Get("eve", 1, "m1")));

    [Fact]
    public void FindsHistoryReadAfterABan() => Expect([Anomaly.Unauthorised],
        Join("eve", 0), At(10, new PutOut("mod", 0, "c", "eve")), At(16, Send("a", "m1")), At(17, Page("eve", 0, true, (1, "m1"))));

    [Fact]
    public void AcceptsWhatWasSentBeforeABanOrCameAfterItsEnd() => Expect([],
        Join("eve", 0), At(10, new PutOut("mod", 0, "c", "eve")), At(11, Send("a", "m1")), At(12, Get("eve", 1, "m1")), At(13, new Left("eve", 0, "c")),
        At(20, Send("a", "m2")), At(30, new LetIn("mod", 0, "c", "eve")), At(31, Join("eve", 1)), At(32, Get("eve", 2, "m2")));

    [Theory]
    [InlineData(29, "members", new Anomaly[0])]
    [InlineData(31, "members", new[] { Anomaly.Ghost })]
    [InlineData(31, "presence", new[] { Anomaly.Ghost })]
    [InlineData(31, "rooms", new[] { Anomaly.Ghost })]
    public void FindsTheDeadAmongTheLiving(int seconds, string what, Anomaly[] expected) => Expect(expected,
        At(0, new Died("d", 0)), At(seconds, new Listed("a", 0, what, "c", new HashSet<string> { "d" })));

    [Fact]
    public void GivesTheDeadTheirTimeFromTheLastFault() => Expect([],
        At(0, new Died("d", 0)), At(40, new Healed(0)), At(69, new Listed("a", 0, "members", "c", new HashSet<string> { "d" })));

    [Theory]
    [InlineData(4, new Anomaly[0])]
    [InlineData(6, new[] { Anomaly.Missing })]
    public void FindsTheLivingMissing(int seconds, Anomaly[] expected) => Expect(expected,
        At(0, Join("b", 0)), At(seconds, new Listed("a", 0, "members", "c", new HashSet<string> { "a" })));

    static readonly string Edited = ChangeId.OfEdit("id-m1", "other words");
    static readonly string Removed = ChangeId.OfRemoval("id-m1");

    static Observation At(int second, Observation observation) => observation switch
    {
        ReadHistory page => page with { AskedAt = HistoryChecker.Ticks(TimeSpan.FromSeconds(second)), At = HistoryChecker.Ticks(TimeSpan.FromSeconds(second)), Messages = [.. page.Messages.Select(message => message with { At = HistoryChecker.Ticks(TimeSpan.FromSeconds(second)) })] },
        _ => observation with { At = HistoryChecker.Ticks(TimeSpan.FromSeconds(second)) },
    };

    Acknowledged AckChange(string client, string change, long seq) => new(client, _at++, "c", change, change, seq);

    Received GetChange(string client, long seq, string change) => new(client, _at++, "c", 1, seq, change, "author", change, change);

    ReadHistory Page(string client, long after, bool last, params (long Seq, string Id)[] messages) =>
        new(client, _at++, _at, "c", after, last, [.. messages.Select(message => Get(client, message.Seq, message.Id))]);

    static void Expect(Anomaly[] expected, params Observation[] history) =>
        Assert.Equal(expected, HistoryChecker.Check(history).Select(violation => violation.Anomaly).Order());

    Joined Join(string client, long seq) => new(client, _at++, "c", seq);

    Invoked Send(string client, string id) => new(client, _at++, "c", id, id);

    Acknowledged Ack(string client, string id, long seq) => new(client, _at++, "c", id, "id-" + id, seq);

    Received Get(string client, long seq, string id) => new(client, _at++, "c", 1, seq, "id-" + id, "author", id, id);
}
