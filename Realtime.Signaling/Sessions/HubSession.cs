using System.Globalization;
using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Presence;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Sessions;

/// <summary>
/// A session as long as its connection is here: the channels it reads, the rooms it is in, and the generation under which its row may be written. Its calls come one at a
/// time; the keeper and the end of the connection come from elsewhere, so its parts are guarded.
/// </summary>
public sealed class HubSession(string id, string user, string name, ConnectionLanes lanes, DeviceStatus status)
{
    readonly Lock _gate = new();
    // Never disposed: it has no timer, and what it stops may look at it until the last reference is gone.
    readonly CancellationTokenSource _stopping = new();
    // Made when it is needed: most who say nothing are in no channel, or in few.
    Dictionary<string, FeedSubscription>? _channels;
    SessionDirects? _directs;
    IReadOnlyList<SessionRoom> _rooms = [];
    bool _ended;
    volatile DeviceStatus _status = status;

    public string Id => id;
    public string User => user;
    public string Name => name;
    public ConnectionLanes Lanes => lanes;

    public ChannelMember Member { get; } = new(user, name);

    /// <summary>What it reads without having joined.</summary>
    public SessionDirects Directs => Volatile.Read(ref _directs) ?? Interlocked.CompareExchange(ref _directs, new SessionDirects(), null) ?? _directs;

    /// <summary>When it first said Hello, on whichever replica: its id says so (UUIDv7: milliseconds in the first 48 bits).</summary>
    public DateTimeOffset BeganAt { get; } = BeginOf(id);

    public static DateTimeOffset BeginOf(string session) =>
        long.TryParse(session.AsSpan(0, Math.Min(12, session.Length)), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : DateTimeOffset.MaxValue;

    /// <summary>Of the row; what was begun while the database was away has one of its own until then.</summary>
    public long Generation { get; set; } = 1;

    /// <summary>The row does not show what is here: the keeper writes it as soon as it can.</summary>
    public volatile bool NeedsSave;

    /// <summary>The row is there, as far as this replica knows: when it is not found, others have ended the session.</summary>
    public volatile bool IsStored;

    /// <summary>Resumed without a look at the row: it may know of rooms that we do not.</summary>
    public volatile bool ResumedBlind;

    public IReadOnlyList<SessionRoom> Rooms
    {
        get => Volatile.Read(ref _rooms);
        set => Volatile.Write(ref _rooms, value);
    }

    /// <summary>What this device says of its user.</summary>
    public DeviceStatus Status
    {
        get => _status;
        set => _status = value;
    }

    /// <summary>Cancelled when the session has ended: nothing may bring it back.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public void Stop() => _stopping.Cancel();

    public IReadOnlyList<string> Channels
    {
        get
        {
            lock (_gate)
                return _channels is { } channels ? [.. channels.Keys] : [];
        }
    }

    public FeedSubscription? Reader(string channel)
    {
        lock (_gate)
        {
            if (_channels is { } channels && channels.TryGetValue(channel, out var reader))
                return reader;
        }
        return Volatile.Read(ref _directs)?.Find(channel);
    }

    /// <summary>
    /// Begins to read a channel, as its member. False: it reads that already, or its connection ended while the call ran: then nothing is left behind, because nobody would ever
    /// take it away.
    /// </summary>
    /// <param name="isStored">Its row names the channel: then it stays a member when its connection has ended, until the row says otherwise.</param>
    public bool TryEnter(FeedSubscription reader, bool isStored = false)
    {
        bool added;
        lock (_gate)
            added = !_ended && (_channels ??= new(StringComparer.Ordinal)).TryAdd(reader.Channel, reader);
        if (added)
            reader.Feed.ChangeMembers(view => view.Join(id, Member));
        if (added && Reader(reader.Channel) == reader)
            return true;
        reader.Feed.Unsubscribe(reader);
        if (added)
            reader.Feed.ChangeMembers(view => isStored ? view.Release(id) : view.Leave(id));
        return false;
    }

    public FeedSubscription? Remove(string channel)
    {
        lock (_gate)
            return _channels is { } channels && channels.Remove(channel, out var reader) ? reader : null;
    }

    /// <summary>Its connection is gone: what it read, and nothing is added any more.</summary>
    public IReadOnlyList<FeedSubscription> RemoveAll()
    {
        lock (_gate)
        {
            _ended = true;
            IEnumerable<FeedSubscription> joined = _channels is { } channels ? channels.Values : [];
            FeedSubscription[] all = [.. joined, .. Directs.RemoveAll()];
            _channels = null;
            return all;
        }
    }

    public SessionRow ToRow() => new(id, user, name, Generation, Channels, Rooms, Status);
}
