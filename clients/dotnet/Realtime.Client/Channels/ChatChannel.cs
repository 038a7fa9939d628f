using System.Runtime.CompilerServices;
using Realtime.Client.Background;
using Realtime.Client.Connection;
using Realtime.Contracts;

namespace Realtime.Client.Channels;

/// <summary>
/// A text channel: what it says is ordered and complete, across lost connections. Reading joins it, and joined it stays, over reconnects, until <see cref="LeaveAsync"/>.
/// </summary>
public sealed partial class ChatChannel
{
    internal const int HistoryPage = 100;

    /// <summary>Who is told that we write is told so for 15 s: saying it more often than this says nothing new.</summary>
    static readonly TimeSpan s_typingEvery = TimeSpan.FromSeconds(5);

    readonly HubConnection _connection;
    readonly Outbox _outbox;
    readonly Lock _gate = new();
    ChannelLog<ChannelEvent> _log = new();
    readonly ChannelReaders _readers;
    readonly Dictionary<string, ChannelMember> _members = [];
    readonly PersistentTask _rejoin;
    readonly PersistentTask _catchUp;
    readonly Action<Message> _received;
    bool _wanted;
    long _known;
    long _read;
    long _typedAt = long.MinValue / 2;

    /// <param name="received">Hears each message in the channel's order, exactly once.</param>
    internal ChatChannel(string name, HubConnection connection, Outbox outbox, Supervisor supervisor, Action<Message> received)
    {
        (Name, _connection, _outbox, _received) = (name, connection, outbox, received);
        _readers = new ChannelReaders(_gate);
        _rejoin = new PersistentTask(supervisor, JoinAgainAsync, Lose);
        _catchUp = new PersistentTask(supervisor, ReadOnAsync, Lose);
    }

    public string Name { get; }

    public bool IsJoined
    {
        get
        {
            lock (_gate)
                return _wanted && _log.Epoch is not null;
        }
    }

    /// <summary>Who is here, as far as this client was told.</summary>
    public IReadOnlyList<ChannelMember> Members
    {
        get
        {
            lock (_gate)
                return [.. _members.Values];
        }
    }

    /// <summary>The last event handed on; 0 before the channel was joined. Kept by a service, it can go on there after a restart (<see cref="ReadAsync"/>).</summary>
    public long Position
    {
        get
        {
            lock (_gate)
                return _log.Seq;
        }
    }

    /// <summary>How far this user has read, as far as this client knows.</summary>
    public long Read => Interlocked.Read(ref _read);

    /// <summary>
    /// Messages from the beginning of the loop on, in the channel's order, exactly once. Joins the channel. Ends when it is left or the client is disposed; throws when we may not be here any more.
    /// </summary>
    public IAsyncEnumerable<Message> Messages => MessagesAsync();

    /// <summary>Everything that happens here, from the beginning of the loop on.</summary>
    public IAsyncEnumerable<ChannelEvent> Events => ReadAsync();

    /// <summary>Everything that happens here. Joins the channel.</summary>
    /// <param name="after">
    /// Goes on after this event: messages since then come first, from history, as they stand now. Null: from now on. A loop that falls 1,024 events behind reads what it missed from history
    /// as well (<see cref="EventsSkipped"/> says so), and holds nobody up.
    /// </param>
    public async IAsyncEnumerable<ChannelEvent> ReadAsync(long? after = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        if (!IsJoined)
        {
            var joined = await JoinAsync(after, cancellation);
            after ??= joined.Seq;
        }
        await foreach (var next in _readers.ReadAsync(after, () => _log.Seq, (seq, token) => HistoryAsync(after: seq, cancellation: token), cancellation))
            yield return next;
    }

    /// <summary>Joins, and joins again after every reconnect, until <see cref="LeaveAsync"/>.</summary>
    /// <param name="after">Whoever reads from now on gets what came after this event first. Null: from now on.</param>
    /// <returns>Members, and up to 50 messages (those after <paramref name="after"/>), which are not told as events.</returns>
    /// <exception cref="RealtimeException">The server refused, or there is no connection.</exception>
    public async Task<JoinChannelResult> JoinAsync(long? after = null, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            _wanted = true;
            _readers.Reopen();
        }
        try
        {
            return await JoinNowAsync(after, (request, token) => _connection.CallAsync<JoinChannelResult>("JoinChannel", request, token), cancellation);
        }
        catch
        {
            lock (_gate)
                _wanted = _wanted && _log.Epoch is not null;
            throw;
        }
    }

    public async Task LeaveAsync(CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            Forget();
            _readers.Complete(null);
        }
        await _connection.CallAsync<LeaveChannelResult>("LeaveChannel", new LeaveChannelRequest(Name), cancellation);
    }

    /// <summary>
    /// Returns when the message is stored, however many connections that takes; one message of this client after the other. Who must not wait for ever says so by
    /// <paramref name="cancellation"/>: then it is unknown whether it was stored, and the same <see cref="MessageDraft.ClientMessageId"/> makes sending it again safe.
    /// </summary>
    /// <exception cref="RealtimeException">Refused for good; <c>unavailable</c> (field <c>outbox</c>) when 500 messages wait already.</exception>
    public Task<SendMessageResult> SendAsync(MessageDraft message, CancellationToken cancellation = default) =>
        _outbox.SendAsync<SendMessageResult>(Name, "SendMessage", message.To(Name, message.ClientMessageId ?? Guid.CreateVersion7().ToString()), cancellation);

    /// <summary>Changes the text of a message of ours. The same again changes nothing: safe to repeat.</summary>
    public Task<ChangeMessageResult> EditAsync(string id, string text, CancellationToken cancellation = default) =>
        _connection.CallAsync<ChangeMessageResult>("EditMessage", new EditMessageRequest(Name, id, text), cancellation);

    /// <summary>Deletes a message of ours or, as a moderator with a reason, anybody's. Safe to repeat.</summary>
    public Task<ChangeMessageResult> DeleteAsync(string id, string? reason = null, CancellationToken cancellation = default) =>
        _connection.CallAsync<ChangeMessageResult>("DeleteMessage", new DeleteMessageRequest(Name, id, reason), cancellation);

    /// <summary>Messages as they stand now, oldest first: the latest, or those before or after an event.</summary>
    /// <param name="limit">At most 100.</param>
    public async Task<IReadOnlyList<Message>> HistoryAsync(long? before = null, long? after = null, int limit = HistoryPage, CancellationToken cancellation = default)
    {
        var page = await _connection.CallAsync<List<Message>>("History", new HistoryRequest(Name, before, after, limit), cancellation);
        return [.. page.OrderBy(static message => message.Seq)];
    }

    /// <summary>Says that we have read up to there, or up to here. A mark never moves back; what was said before is not said again.</summary>
    public async Task MarkReadAsync(long? seq = null, CancellationToken cancellation = default)
    {
        var mark = seq ?? Position;
        if (mark <= Read)
            return;
        await _connection.CallAsync<Done>("MarkRead", new MarkReadRequest(Name, mark), cancellation);
        lock (_gate)
            _read = Math.Max(_read, mark);
    }

    /// <summary>Says that we write; call it at every key, it is sent now and then. Nobody waits for it, and it may get lost.</summary>
    public Task TypingAsync(CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            if (Environment.TickCount64 - _typedAt < s_typingEvery.TotalMilliseconds)
                return Task.CompletedTask;
            _typedAt = Environment.TickCount64;
        }
        return _connection.TellAsync("Typing", new TypingRequest(Name), cancellation);
    }

    /// <summary>As a moderator: removes a user, who may join again.</summary>
    public Task KickAsync(string user, string reason, CancellationToken cancellation = default) =>
        _connection.CallAsync<Done>("Kick", new KickRequest(Name, user, reason), cancellation);

    /// <summary>As a moderator: keeps a user out, until then or until <see cref="UnbanAsync"/>.</summary>
    public Task BanAsync(string user, string reason, DateTimeOffset? until = null, CancellationToken cancellation = default) =>
        _connection.CallAsync<Done>("Ban", new BanRequest(Name, user, reason, until), cancellation);

    public Task UnbanAsync(string user, string? reason = null, CancellationToken cancellation = default) =>
        _connection.CallAsync<Done>("Unban", new UnbanRequest(Name, user, reason), cancellation);

    /// <summary>As a moderator: lets a user read on but not write, at most 28 days ahead; without <paramref name="until"/> that is lifted.</summary>
    public Task TimeOutAsync(string user, string reason, DateTimeOffset? until = null, CancellationToken cancellation = default) =>
        _connection.CallAsync<Done>("TimeOut", new TimeOutRequest(Name, user, reason, until), cancellation);

    async IAsyncEnumerable<Message> MessagesAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var next in ReadAsync(null, cancellation))
        {
            if (next is MessageCreated { Message: { } message })
                yield return message;
        }
    }
}
