using static Realtime.Tests.Harness.Observation;

namespace Realtime.Tests.Harness;

/// <summary>What a run must not show.</summary>
public enum Anomaly
{
    /// <summary>An acknowledged message that a member never got.</summary>
    LostAcknowledged,
    /// <summary>One (channel, epoch, seq) with two messages, or one message with two places.</summary>
    Divergence,
    /// <summary>A message that was received although its send was refused, or that nobody sent.</summary>
    AbortedRead,
    /// <summary>A message handed to a client twice.</summary>
    Duplicate,
    /// <summary>A message handed to a client after a later one.</summary>
    OrderInversion,
    /// <summary>A message skipped without a word.</summary>
    Gap,
    /// <summary>A message acknowledged before another was sent stands behind it.</summary>
    RealTimeOrder,
    /// <summary>One clientMessageId of one author stored more than once.</summary>
    StoredTwice,
    /// <summary>The acknowledgement names another place than the message has.</summary>
    WrongAcknowledgement,
}

/// <summary>One anomaly and where it was seen.</summary>
public sealed record Violation(Anomaly Anomaly, string What)
{
    public override string ToString() => $"{Anomaly}: {What}";
}

/// <summary>
/// Judges a run after it has come to rest: every client caught up, nothing in flight (after jepsen.tests.kafka).
/// It knows nothing of how the server works, only what it promises (design §3, promises 1 and 2).
/// </summary>
public static class HistoryChecker
{
    public static IReadOnlyList<Violation> Check(IReadOnlyList<Observation> history)
    {
        var violations = new List<Violation>();
        CheckAgreement(history, violations);
        CheckEachClient(history, violations);
        CheckLost(history, violations);
        CheckRealTimeOrder(history, violations);
        return violations;
    }

    /// <summary>All clients and acknowledgements tell the same story about which message stands where.</summary>
    static void CheckAgreement(IReadOnlyList<Observation> history, List<Violation> violations)
    {
        var atPlace = new Dictionary<(string Channel, long Epoch, long Seq), (string Id, string Text)>();
        var placeOf = new Dictionary<(string Channel, string Id), (long Epoch, long Seq)>();
        var idOf = new Dictionary<(string Channel, string Author, string ClientMessageId), string>();
        foreach (var received in history.OfType<Received>())
        {
            if (!atPlace.TryAdd((received.Channel, received.Epoch, received.Seq), (received.Id, received.Text))
                && atPlace[(received.Channel, received.Epoch, received.Seq)] != (received.Id, received.Text))
            {
                violations.Add(new(Anomaly.Divergence, $"{received.Channel}/{received.Epoch}/{received.Seq} is two messages (seen by {received.Client})"));
            }
            if (!placeOf.TryAdd((received.Channel, received.Id), (received.Epoch, received.Seq))
                && placeOf[(received.Channel, received.Id)] != (received.Epoch, received.Seq))
            {
                violations.Add(new(Anomaly.Divergence, $"{received.Id} stands in two places of {received.Channel} (seen by {received.Client})"));
            }
            if (!idOf.TryAdd((received.Channel, received.Author, received.ClientMessageId), received.Id)
                && idOf[(received.Channel, received.Author, received.ClientMessageId)] != received.Id)
            {
                violations.Add(new(Anomaly.StoredTwice, $"{received.ClientMessageId} of {received.Author} in {received.Channel}"));
            }
        }

        var invoked = history.OfType<Invoked>().Select(send => (send.Channel, send.ClientMessageId)).ToHashSet();
        var acknowledged = history.OfType<Acknowledged>().Select(send => (send.Channel, send.ClientMessageId)).ToHashSet();
        var refused = history.OfType<Refused>().Select(send => (send.Channel, send.ClientMessageId)).ToHashSet();
        foreach (var (channel, author, clientMessageId) in idOf.Keys)
        {
            if (!invoked.Contains((channel, clientMessageId)))
                violations.Add(new(Anomaly.AbortedRead, $"nobody sent {clientMessageId} of {author} in {channel}"));
            else if (refused.Contains((channel, clientMessageId)) && !acknowledged.Contains((channel, clientMessageId)))
                violations.Add(new(Anomaly.AbortedRead, $"{clientMessageId} of {author} in {channel} was refused and yet delivered"));
        }
        foreach (var ack in history.OfType<Acknowledged>())
        {
            if (placeOf.TryGetValue((ack.Channel, ack.Id), out var place) && place.Seq != ack.Seq)
                violations.Add(new(Anomaly.WrongAcknowledgement, $"{ack.Id} was acknowledged as {ack.Channel}/{ack.Seq} and delivered as {place.Seq}"));
        }
        foreach (var acks in history.OfType<Acknowledged>().GroupBy(ack => (ack.Channel, ack.ClientMessageId)).Where(acks => acks.Select(ack => ack.Id).Distinct().Count() > 1))
            violations.Add(new(Anomaly.StoredTwice, $"{acks.Key.ClientMessageId} in {acks.Key.Channel} was acknowledged with two ids"));
    }

    /// <summary>Each client is handed 1, 2, 3, … of each channel from where it joined, once each.</summary>
    static void CheckEachClient(IReadOnlyList<Observation> history, List<Violation> violations)
    {
        var next = new Dictionary<(string Client, string Channel), long>();
        var seen = new HashSet<(string Client, string Channel, long Seq)>();
        var told = new HashSet<(string Client, string Channel, long Seq)>();
        foreach (var observation in history)
        {
            switch (observation)
            {
                case Joined joined:
                    next[(joined.Client, joined.Channel)] = joined.Seq + 1;
                    break;
                case ToldOfGap gap:
                    for (var seq = gap.From; seq <= gap.To; seq++)
                        told.Add((gap.Client, gap.Channel, seq));
                    break;
                case Received received:
                    var place = (received.Client, received.Channel);
                    var expected = next.GetValueOrDefault(place, 1);
                    if (!seen.Add((received.Client, received.Channel, received.Seq)))
                    {
                        violations.Add(new(Anomaly.Duplicate, $"{received.Client} got {received.Channel}/{received.Seq} twice"));
                        break;
                    }
                    if (received.Seq < expected)
                    {
                        violations.Add(new(Anomaly.OrderInversion, $"{received.Client} got {received.Channel}/{received.Seq} after {expected - 1}"));
                        break;
                    }
                    while (expected < received.Seq && told.Contains((received.Client, received.Channel, expected)))
                        expected++;
                    if (expected < received.Seq)
                        violations.Add(new(Anomaly.Gap, $"{received.Client} got {received.Channel}/{received.Seq} but not {expected}..{received.Seq - 1}"));
                    next[place] = received.Seq + 1;
                    break;
            }
        }
    }

    /// <summary>Every member has every acknowledged message, also when nothing later came to show the hole.</summary>
    static void CheckLost(IReadOnlyList<Observation> history, List<Violation> violations)
    {
        var got = history.OfType<Received>().Select(received => (received.Client, received.Channel, received.Id)).ToHashSet();
        var joined = history.OfType<Joined>().GroupBy(join => (join.Client, join.Channel)).Select(joins => joins.First()).ToList();
        var told = history.OfType<ToldOfGap>().ToLookup(gap => (gap.Client, gap.Channel));
        foreach (var ack in history.OfType<Acknowledged>().DistinctBy(ack => (ack.Channel, ack.Id)))
        {
            foreach (var member in joined)
            {
                if (member.Channel == ack.Channel && member.Seq < ack.Seq && !got.Contains((member.Client, ack.Channel, ack.Id))
                    && !told[(member.Client, member.Channel)].Any(gap => gap.From <= ack.Seq && ack.Seq <= gap.To))
                {
                    violations.Add(new(Anomaly.LostAcknowledged, $"{member.Client} never got {ack.Channel}/{ack.Seq} ({ack.ClientMessageId} of {ack.Client})"));
                }
            }
        }
    }

    /// <summary>What was acknowledged before another was first sent stands before it.</summary>
    static void CheckRealTimeOrder(IReadOnlyList<Observation> history, List<Violation> violations)
    {
        var firstInvoked = new Dictionary<(string Channel, string ClientMessageId), long>();
        foreach (var send in history.OfType<Invoked>())
            firstInvoked.TryAdd((send.Channel, send.ClientMessageId), send.At);
        foreach (var channel in history.OfType<Acknowledged>().DistinctBy(ack => (ack.Channel, ack.ClientMessageId)).GroupBy(ack => ack.Channel))
        {
            // A sweep over time: when a send begins, everything acknowledged so far must have a smaller seq.
            var events = channel.Select(ack => (ack.At, IsAck: true, ack))
                .Concat(channel.Select(ack => (At: firstInvoked.GetValueOrDefault((ack.Channel, ack.ClientMessageId), ack.At), IsAck: false, ack)))
                .OrderBy(e => e.At).ThenBy(e => e.IsAck);
            Acknowledged? highest = null;
            foreach (var (_, isAck, ack) in events)
            {
                if (isAck)
                    highest = highest is null || ack.Seq > highest.Seq ? ack : highest;
                else if (highest is not null && ack.Seq < highest.Seq)
                    violations.Add(new(Anomaly.RealTimeOrder, $"{channel.Key}/{highest.Seq} was acknowledged before {ack.Seq} was sent"));
            }
        }
    }
}
