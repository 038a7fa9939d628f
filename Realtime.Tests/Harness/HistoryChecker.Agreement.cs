using static Realtime.Tests.Harness.Observation;

namespace Realtime.Tests.Harness;

/// <summary>What does not depend on who looked when: which message stands where, and what was promised about it.</summary>
public static partial class HistoryChecker
{
    /// <summary>All clients, histories and acknowledgements tell the same story about which message stands where.</summary>
    static void CheckAgreement(IReadOnlyList<Observation> history, List<Violation> violations)
    {
        var atPlace = new Dictionary<(string Channel, long Epoch, long Seq), (string Id, string? Text)>();
        var placeOf = new Dictionary<(string Channel, string Id), (long Epoch, long Seq)>();
        var idOf = new Dictionary<(string Channel, string Author, string ClientMessageId), string>();
        foreach (var received in history.OfType<Received>().Concat(history.OfType<ReadHistory>().SelectMany(read => read.Messages)))
        {
            var place = (received.Channel, received.Epoch, received.Seq);
            if (!atPlace.TryAdd(place, (received.Id, received.Text)))
            {
                var (id, text) = atPlace[place];
                if (id != received.Id || (text is not null && received.Text is not null && text != received.Text))
                    violations.Add(new(Anomaly.Divergence, $"{received.Channel}/{received.Epoch}/{received.Seq} is two messages (seen by {received.Client})"));
                else if (text is null)
                    atPlace[place] = (id, received.Text);
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
        CheckPromises(history, placeOf, idOf.Keys, violations);
    }

    static void CheckPromises(
        IReadOnlyList<Observation> history, Dictionary<(string Channel, string Id), (long Epoch, long Seq)> placeOf,
        IEnumerable<(string Channel, string Author, string ClientMessageId)> delivered, List<Violation> violations)
    {
        var invoked = history.OfType<Invoked>().Select(send => (send.Channel, send.ClientMessageId)).ToHashSet();
        var acknowledged = history.OfType<Acknowledged>().Select(send => (send.Channel, send.ClientMessageId)).ToHashSet();
        var refused = history.OfType<Refused>().Select(send => (send.Channel, send.ClientMessageId)).ToHashSet();
        foreach (var (channel, author, clientMessageId) in delivered)
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
