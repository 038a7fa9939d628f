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

    static void Expect(Anomaly[] expected, params Observation[] history) =>
        Assert.Equal(expected, HistoryChecker.Check(history).Select(violation => violation.Anomaly).Order());

    Joined Join(string client, long seq) => new(client, _at++, "c", seq);

    Invoked Send(string client, string id) => new(client, _at++, "c", id, id);

    Acknowledged Ack(string client, string id, long seq) => new(client, _at++, "c", id, "id-" + id, seq);

    Received Get(string client, long seq, string id) => new(client, _at++, "c", 1, seq, "id-" + id, "author", id, id);
}
