using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>What one client has been handed of one channel.</summary>
internal sealed class ChannelReading(ChatClientOptions options, string channel)
{
    const int Page = 100;

    readonly Lock _gate = new();
    readonly List<Message> _held = [];
    bool _holding;
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
                _position = joined.Seq;
                Epoch = joined.Epoch;
                IsJoined = true;
            }
            Release();
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

    public void Take(Message message)
    {
        lock (_gate)
        {
            if (_holding)
                _held.Add(message);
            else
                Record(message);
        }
    }

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

    async Task ReadAsync(HubClient hub, long to, CancellationToken cancellation)
    {
        while (Position < to)
        {
            var page = await hub.InvokeAsync<List<Message>>("History", new HistoryRequest(channel, After: Position, Limit: Page), cancellation);
            if (page.Count == 0)
                throw new InvalidOperationException($"History of {channel} after {Position} is empty although {to} exists.");
            lock (_gate)
            {
                // What is newer comes as an event, now or later: recorded here as well it would count twice.
                foreach (var message in page.Where(message => message.Seq <= to).OrderBy(message => message.Seq))
                    Record(message);
            }
        }
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

    void Record(Message message)
    {
        options.History.Add(new Observation.Received(
            options.Name, History.Now, channel, message.Epoch, message.Seq, message.Id, message.Author, message.ClientMessageId, message.Text));
        _position = Math.Max(_position, message.Seq);
    }
}
