namespace Realtime.Signaling.Channels;

/// <summary>What an offer did to a timeline.</summary>
public enum OfferOutcome
{
    /// <summary>In order: the head moved on, also over events that were waiting.</summary>
    Advanced,
    /// <summary>Seen before, or of an older epoch.</summary>
    Duplicate,
    /// <summary>Something before it is missing: read from <see cref="ChannelTimeline.Head"/> on.</summary>
    Gap,
    /// <summary>The channel has a new epoch (the database was restored): reload it.</summary>
    NewEpoch,
}

/// <summary>
/// The recent past of one channel, in order and without holes: events arrive in any order, several times or not at all (Redis is best effort),
/// and leave exactly once, 1, 2, 3 … What is missing is known (<see cref="HasGap"/>) and is filled from Postgres by the owner.
/// What a deletion in order takes back is taken out of memory too. Not thread-safe. Bounded: the last <see cref="RingSize"/> events and at most <see cref="MaxWaiting"/> early ones (more are forgotten, but not that they exist).
/// </summary>
/// <param name="scrub">Gives an event without what its message said.</param>
public sealed class ChannelTimeline(Func<ChannelEvent, ChannelEvent> scrub)
{
    public const int RingSize = 256;
    public const int MaxWaiting = 256;

    readonly ChannelEvent?[] _ring = new ChannelEvent?[RingSize];
    readonly SortedDictionary<long, ChannelEvent> _waiting = [];
    long _known;
    long _first;

    public long Epoch { get; private set; } = 1;

    /// <summary>The last event that is here with everything before it delivered.</summary>
    public long Head { get; private set; }

    /// <summary>Events after <see cref="Head"/> exist: by their arrival or by an announcement.</summary>
    public bool HasGap => _known > Head;

    /// <summary>The highest sequence number known to exist.</summary>
    public long Known => _known;

    /// <summary>Starts at a state read from the database; <paramref name="recent"/> ends with the event <paramref name="head"/> (or is empty).</summary>
    public void Load(long epoch, long head, IReadOnlyList<ChannelEvent> recent)
    {
        Epoch = epoch;
        Head = head;
        _known = head;
        _first = head + 1;
        _waiting.Clear();
        Array.Clear(_ring);
        for (var i = recent.Count - 1; i >= 0 && recent[i].Seq == _first - 1 && head - recent[i].Seq < RingSize; i--)
        {
            _ring[Slot(recent[i].Seq)] = recent[i];
            _first = recent[i].Seq;
        }
    }

    /// <summary>Takes an event in. Everything that is now in order is added to <paramref name="ready"/>.</summary>
    public OfferOutcome Offer(ChannelEvent offered, List<ChannelEvent> ready)
    {
        if (offered.Epoch > Epoch)
            return OfferOutcome.NewEpoch;
        if (offered.Epoch < Epoch || offered.Seq <= Head)
            return OfferOutcome.Duplicate;
        if (offered.Seq > Head + 1)
        {
            _known = Math.Max(_known, offered.Seq);
            Wait(offered);
            return OfferOutcome.Gap;
        }
        Append(offered, ready);
        while (_waiting.Count > 0 && _waiting.First() is var (seq, next) && seq <= Head + 1)
        {
            _waiting.Remove(seq);
            if (seq == Head + 1)
                Append(next, ready);
        }
        return OfferOutcome.Advanced;
    }

    /// <summary>Somebody who knows (the outbox) says that events up to this one exist.</summary>
    public OfferOutcome Announce(long epoch, long seq)
    {
        if (epoch > Epoch)
            return OfferOutcome.NewEpoch;
        if (epoch < Epoch || seq <= Head)
            return OfferOutcome.Duplicate;
        _known = Math.Max(_known, seq);
        return OfferOutcome.Gap;
    }

    /// <summary>Up to <paramref name="max"/> events after <paramref name="after"/>. False: memory does not reach back so far.</summary>
    public bool TryRead(long after, int max, List<ChannelEvent> into)
    {
        if (after + 1 < _first)
            return false;
        for (var seq = after + 1; seq <= Head && into.Count < max; seq++)
            into.Add(_ring[Slot(seq)]!);
        return true;
    }

    /// <summary>The last events of memory, oldest first.</summary>
    public void ReadLast(int count, List<ChannelEvent> into)
    {
        for (var seq = Math.Max(_first, Head - count + 1); seq <= Head; seq++)
            into.Add(_ring[Slot(seq)]!);
    }

    /// <summary>How many of the last events memory holds.</summary>
    public long Held => Head - _first + 1;

    /// <summary>Events up to this one are asked of the database from now on: it has no longer what memory has.</summary>
    public void Forget(long upTo)
    {
        for (; _first <= Math.Min(upTo, Head); _first++)
            _ring[Slot(_first)] = null;
    }

    void Append(ChannelEvent next, List<ChannelEvent> ready)
    {
        Head = next.Seq;
        _known = Math.Max(_known, Head);
        _ring[Slot(Head)] = next;
        _first = Math.Max(_first, Head - RingSize + 1);
        ready.Add(next);
        if (next.Kind == ChannelEventKind.Deleted)
            TakeBack(next.MessageSeq);
    }

    /// <summary>All events about a message follow it, so memory that has the message has them all; memory that begins after it may have some of its changes.</summary>
    void TakeBack(long message)
    {
        for (var seq = Math.Max(_first, message); seq < Head; seq++)
        {
            ref var told = ref _ring[Slot(seq)];
            if (told!.MessageSeq == message && told.Kind != ChannelEventKind.Deleted)
                told = scrub(told);
        }
    }

    void Wait(ChannelEvent early)
    {
        _waiting[early.Seq] = early;
        // The farthest one is needed last; it is known to exist and comes back with the fill.
        if (_waiting.Count > MaxWaiting)
            _waiting.Remove(_waiting.Last().Key);
    }

    static int Slot(long seq) => (int)(seq % RingSize);
}
