using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Client.Channels;

/// <summary>Staying in the channel and keeping its order, whatever the connection does.</summary>
public sealed partial class ChatChannel
{
    /// <summary>Messages that a join brings at most; fewer are all there are.</summary>
    const int JoinHistory = 50;

    /// <summary>Further behind than so many pages, the messages between are skipped; <see cref="HistoryAsync"/> still has them.</summary>
    const int CatchUpPages = 5;

    /// <summary>Where it goes on after a reconnect; null: it is not joined.</summary>
    internal Position? Resuming
    {
        get
        {
            lock (_gate)
                return _wanted && _log.Epoch is { } epoch ? new Position(Name, _log.Seq, epoch) : null;
        }
    }

    internal bool IsRead
    {
        get
        {
            lock (_gate)
                return _readers.Count > 0;
        }
    }

    internal void Handle(string name, JsonElement payload)
    {
        T Read<T>() => payload.Deserialize<T>(ContractsJson.Options)!;
        lock (_gate)
        {
            switch (name)
            {
                case HubEvent.MessageCreated:
                    var created = Read<Message>();
                    Receive(created.Epoch, new MessageCreated(created));
                    break;
                case HubEvent.MessageUpdated:
                    var updated = Read<MessageUpdatedEvent>();
                    Receive(updated.Epoch, new MessageEdited(updated));
                    break;
                case HubEvent.MessageDeleted:
                    var deleted = Read<MessageDeletedEvent>();
                    Receive(deleted.Epoch, new MessageDeleted(deleted));
                    break;
                case HubEvent.Typing:
                    _readers.Publish(new TypingChanged(Read<TypingEvent>()));
                    break;
                case HubEvent.ReadMark:
                    _readers.Publish(new ReadMarkMoved(Read<ReadMarkEvent>()));
                    break;
                case HubEvent.Moderated:
                    _readers.Publish(new SomebodyModerated(Read<ModeratedEvent>()));
                    break;
                case HubEvent.MemberJoined:
                    var joined = Read<MemberJoinedEvent>();
                    _members[joined.User] = new ChannelMember(joined.User, joined.Name);
                    TellMembers();
                    break;
                case HubEvent.MemberLeft:
                    _members.Remove(Read<MemberLeftEvent>().User);
                    TellMembers();
                    break;
                case HubEvent.Gap:
                    _known = Math.Max(_known, Read<GapEvent>().To);
                    _catchUp.Request();
                    break;
            }
        }
    }

    /// <summary>A conversation that came by itself: from this message on it is followed.</summary>
    internal void Follow(Message message)
    {
        lock (_gate)
        {
            if (_wanted)
                return;
            _wanted = true;
            _readers.Reopen();
            if (_log.Epoch is null)
                Deliver(_log.StartAt(message.Epoch, message.Seq - 1));
        }
    }

    /// <summary>A new connection said Hello.</summary>
    /// <param name="resumed">What it told about this channel, if anything.</param>
    internal void Reconnected(ResumedChannel? resumed)
    {
        lock (_gate)
        {
            if (!_wanted || _log.Epoch is null)
                return;
            if (resumed is null)
            {
                // A new session: the channel has to be joined again.
                _rejoin.RequestNow();
                return;
            }
            if (resumed.Members is { } members)
                Replace(members);
            if (resumed.TooOld == true)
                _known = Math.Max(_known, resumed.To);
            if (resumed.TooOld == true || _log.HasGap)
                _catchUp.RequestNow();
            // Otherwise what was missed follows as events.
        }
    }

    /// <summary>We may not be here any more, or joining again was refused: nothing comes until it is joined again.</summary>
    internal void Lose(RealtimeException reason)
    {
        lock (_gate)
        {
            Forget();
            _readers.Complete(reason);
        }
    }

    /// <summary>The client is disposed.</summary>
    internal void End()
    {
        _rejoin.Stop();
        _catchUp.Stop();
        lock (_gate)
        {
            _wanted = false;
            _readers.Complete(null);
        }
    }

    void Forget()
    {
        _wanted = false;
        _members.Clear();
        _log = new ChannelLog<ChannelEvent>();
        _known = 0;
    }

    async Task JoinAgainAsync(CancellationToken cancellation)
    {
        var socket = await _connection.OnlineAsync(cancellation);
        await JoinNowAsync(null, (request, token) => socket.InvokeAsync<JoinChannelResult>("JoinChannel", request, token), cancellation);
    }

    async Task<JoinChannelResult> JoinNowAsync(long? after, Func<JoinChannelRequest, CancellationToken, Task<JoinChannelResult>> join, CancellationToken cancellation)
    {
        long? since;
        lock (_gate)
            since = _log.Epoch is null ? after : _log.Seq;
        var result = await join(new JoinChannelRequest(Name, since), cancellation);
        lock (_gate)
        {
            if (_wanted)
                Joined(result, since);
        }
        return result;
    }

    void Joined(JoinChannelResult result, long? since)
    {
        if (_log.IsNewerEpoch(result.Epoch))
        {
            _readers.Publish(new EventsSkipped(_log.Seq + 1, result.Seq, MessagesToo: true) { RestartsAt = result.Seq });
            Deliver(_log.StartAt(result.Epoch, result.Seq));
        }
        else if (_log.Epoch is null)
            Deliver(_log.StartAt(result.Epoch, since ?? result.Seq));
        foreach (var message in result.History.OrderBy(static message => message.Seq))
            Deliver(_log.Accept(message.Epoch, message.Seq, new MessageCreated(message)));
        _known = result.Seq;
        _read = Math.Max(_read, result.Read ?? 0);
        Replace(result.Members);
        // With fewer than a join brings they are all here: what is missing between them are changes.
        if (result.History.Count < JoinHistory)
            Deliver(_log.CloseGaps(result.Seq));
        if (_log.HasGap || _log.Seq < result.Seq)
            _catchUp.Request();
    }

    void Receive(long epoch, ChannelEvent next)
    {
        if (_log.IsNewerEpoch(epoch))
        {
            _rejoin.Request();
            return;
        }
        Deliver(_log.Accept(epoch, next.Seq, next));
        if (_log.Epoch is not null && _log.HasGap)
            _catchUp.Request();
    }

    void Deliver(List<ChannelEvent> due)
    {
        foreach (var next in due)
        {
            _readers.Publish(next);
            if (next is MessageCreated { Message: { } message })
                _received(message);
        }
    }

    /// <summary>Reads on from the channel's position until history ends. History has messages as they stand now and no entries for changes: the holes it leaves are closed.</summary>
    async Task ReadOnAsync(CancellationToken cancellation)
    {
        await _connection.OnlineAsync(cancellation);
        for (var page = 0; page < CatchUpPages; page++)
        {
            // Only what was known before this question is answered by it; what arrives meanwhile may have holes of its own.
            if (Place() is not { } place)
                return;
            var messages = await HistoryAsync(after: place.Seq, cancellation: cancellation);
            var isAll = messages.Count < HistoryPage;
            Take(messages, isAll ? place.Known : 0);
            if (isAll)
                return;
        }
        if (Place() is not { } far)
            return;
        var newest = await HistoryAsync(cancellation: cancellation);
        lock (_gate)
        {
            if (newest.Count > 0 && newest[0].Seq > _log.Seq + 1)
            {
                _readers.Publish(new EventsSkipped(_log.Seq + 1, newest[0].Seq - 1, MessagesToo: true));
                Deliver(_log.StartAt(newest[0].Epoch, newest[0].Seq - 1));
            }
        }
        Take(newest, far.Known);
    }

    (long Seq, long Known)? Place()
    {
        lock (_gate)
            return _wanted && _log.Epoch is not null ? (_log.Seq, Math.Max(_log.Farthest, _known)) : null;
    }

    /// <param name="known">Up to here everything is in them.</param>
    void Take(IReadOnlyList<Message> messages, long known)
    {
        lock (_gate)
        {
            foreach (var message in messages)
                Deliver(_log.Accept(message.Epoch, message.Seq, new MessageCreated(message)));
            Deliver(_log.CloseGaps(Math.Max(known, messages.Count == 0 ? 0 : messages[^1].Seq)));
            if (_log.HasGap)
                _catchUp.Request();
        }
    }

    void Replace(IReadOnlyList<ChannelMember> members)
    {
        _members.Clear();
        foreach (var member in members)
            _members[member.User] = member;
        TellMembers();
    }

    void TellMembers() => _readers.Publish(new MembersChanged([.. _members.Values]));
}
