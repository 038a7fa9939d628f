using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>What one client has been handed of one channel.</summary>
internal sealed class ChannelReading(ChatClientOptions options, string channel)
{
    const int Page = 100;

    readonly Lock _gate = new();
    readonly List<Observation.Received> _held = [];
    bool _holding;
    long _joinedAt;
    long _position;

    public string Channel => channel;

    public bool IsJoined { get; private set; }

    public long Epoch { get; private set; } = 1;

    public long Position => Volatile.Read(ref _position);

    /// <summary>Joins, or joins again after a lost session and reads what was missed.</summary>
    public async Task JoinAsync(HubClient hub, CancellationToken cancellation)
    {
        // Events that overtake the answer wait for it.
        lock (_gate)
            _holding = true;
        var joined = await hub.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(channel, IsJoined ? Position : null), cancellation);
        if (IsJoined)
            await ReadAsync(hub, joined.Seq, cancellation);
        lock (_gate)
        {
            if (!IsJoined)
            {
                options.History.Add(new Observation.Joined(options.Name, History.Now, channel, joined.Seq));
                _position = _joinedAt = joined.Seq;
                Epoch = joined.Epoch;
                IsJoined = true;
            }
            Release();
        }
    }

    /// <summary>A channel that one is in without joining it, from its first message on.</summary>
    public void Adopt()
    {
        lock (_gate)
        {
            options.History.Add(new Observation.Joined(options.Name, History.Now, channel, 0));
            IsJoined = true;
        }
    }

    /// <summary>Reads from history what is too old to be resumed.</summary>
    public async Task CatchUpAsync(HubClient hub, long to, CancellationToken cancellation)
    {
        lock (_gate)
            _holding = true;
        await ReadAsync(hub, to, cancellation);
        lock (_gate)
            Release();
    }

    /// <summary>Nothing is owed to this client any more.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            IsJoined = false;
            options.History.Add(new Observation.Left(options.Name, History.Now, channel));
        }
    }

    public void Take(Message message) => Take(Seen(message));

    public void Take(MessageUpdatedEvent updated)
    {
        // Told late, of a message that is gone: what was written there is told to nobody any more.
        if (updated.Deleted == true)
            TakeGap(updated.Seq, updated.Seq);
        else
            Take(Change(updated.Epoch, updated.Seq, ChangeId.Of(updated), updated.EditedBy));
    }

    public void Take(MessageDeletedEvent deleted) =>
        Take(Change(deleted.Epoch, deleted.Seq, ChangeId.Of(deleted), deleted.DeletedBy));

    public void TakeGap(long from, long to)
    {
        lock (_gate)
        {
            options.History.Add(new Observation.ToldOfGap(options.Name, History.Now, channel, from, to));
            _position = Math.Max(_position, to);
        }
    }

    /// <summary>The connection is lost: the next one brings again what still waited here.</summary>
    public void Disconnected()
    {
        lock (_gate)
        {
            _holding = false;
            _held.Clear();
        }
    }

    /// <summary>A message as history shows it; one that was changed since no longer has the text it was sent with.</summary>
    public Observation.Received Seen(Message message) => new(
        options.Name, History.Now, channel, message.Epoch, message.Seq, message.Id, message.Author, message.ClientMessageId,
        message.EditedAt is null && message.Deleted != true ? message.Text : null);

    Observation.Received Change(long epoch, long seq, string id, string author) => new(options.Name, History.Now, channel, epoch, seq, id, author, id, id);

    void Take(Observation.Received next)
    {
        lock (_gate)
        {
            if (_holding)
                _held.Add(next);
            // Before that it was in the channel already (its leave was never heard): nothing is promised about what was on its way.
            else if (next.Seq > _joinedAt)
                Record(next);
        }
    }

    async Task ReadAsync(HubClient hub, long to, CancellationToken cancellation)
    {
        var from = Position + 1;
        while (Position < to)
        {
            var page = await hub.InvokeAsync<List<Message>>("History", new HistoryRequest(channel, After: Position, Limit: Page), cancellation);
            lock (_gate)
            {
                // What is newer comes as an event, now or later: recorded here as well it would count twice.
                foreach (var message in page.Where(message => message.Seq <= to).OrderBy(message => message.Seq))
                    Record(Seen(message));
                // Edits and removals have no row of their own: the rest of the numbers are theirs, or the checker sees a gap.
                if (page.Count < Page || page.Max(message => message.Seq) >= to)
                    _position = Math.Max(_position, to);
            }
        }
        if (from <= to)
            options.History.Add(new Observation.CaughtUp(options.Name, History.Now, channel, from, to));
    }

    // What was read from history arrives once more as an event when both overlap; that is no duplicate.
    void Release()
    {
        _holding = false;
        foreach (var message in _held)
        {
            if (message.Seq > _position)
                Record(message);
        }
        _held.Clear();
    }

    void Record(Observation.Received received)
    {
        options.History.Add(received with { At = History.Now });
        _position = Math.Max(_position, received.Seq);
    }
}
