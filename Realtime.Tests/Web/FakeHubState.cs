using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Realtime.Contracts;

namespace Realtime.Tests.Web;

/// <summary>What the connections of a <see cref="FakeHub"/> share.</summary>
sealed class FakeHubState
{
    readonly Lock _gate = new();
    readonly List<Message> _log = [];
    readonly Dictionary<string, long> _seqs = [];
    readonly Dictionary<string, ParticipantInfo> _people = [];
    readonly ConcurrentDictionary<string, HubCallerContext> _connections = new();

    /// <summary>The offers of the pages, in order.</summary>
    public ConcurrentQueue<string> Offers { get; } = new();

    public IReadOnlyList<ParticipantInfo> People
    {
        get
        {
            lock (_gate)
                return [.. _people.Values];
        }
    }

    /// <summary>Breaks every connection.</summary>
    public void DropAll()
    {
        foreach (var connection in _connections.Values)
            connection.Abort();
    }

    public void Connected(HubCallerContext connection) => _connections[connection.ConnectionId] = connection;

    public void Disconnected(HubCallerContext connection) => _connections.TryRemove(connection.ConnectionId, out _);

    public List<Message> Log(string channel)
    {
        lock (_gate)
            return [.. _log.Where(message => message.Channel == channel)];
    }

    public (Message Message, bool Duplicate) Append(SendMessageRequest request, string user, string name)
    {
        lock (_gate)
        {
            if (_log.Find(stored => stored.Author == user && stored.ClientMessageId == request.ClientMessageId) is { } earlier)
                return (earlier, true);
            var message = new Message(request.Channel!, 1, Next(request.Channel!), Guid.CreateVersion7().ToString(), user, name, request.Text!, DateTimeOffset.UtcNow, request.ClientMessageId!, Attachments: request.Attachments);
            _log.Add(message);
            return (message, false);
        }
    }

    /// <summary>The place of the channel's last event.</summary>
    public long Head(string channel)
    {
        lock (_gate)
            return _seqs.GetValueOrDefault(channel);
    }

    public MessageUpdatedEvent? Edit(EditMessageRequest request, string user)
    {
        lock (_gate)
        {
            if (Change(request.Id, message => message with { Text = request.Text!, EditedAt = DateTimeOffset.UtcNow }) is not { } now)
                return null;
            return new MessageUpdatedEvent(now.Channel, 1, Next(now.Channel), now.Id, now.Seq, now.Text, user, now.EditedAt!.Value);
        }
    }

    public MessageDeletedEvent? Delete(DeleteMessageRequest request, string user)
    {
        lock (_gate)
        {
            if (Change(request.Id, static message => message with { Text = "", Deleted = true }) is not { } now)
                return null;
            return new MessageDeletedEvent(now.Channel, 1, Next(now.Channel), now.Id, now.Seq, user, DateTimeOffset.UtcNow, request.Reason);
        }
    }

    Message? Change(string? id, Func<Message, Message> change)
    {
        var at = _log.FindIndex(message => message.Id == id);
        return at < 0 ? null : _log[at] = change(_log[at]);
    }

    long Next(string channel) => _seqs[channel] = _seqs.GetValueOrDefault(channel) + 1;

    public ParticipantInfo Join(string connection, string user, string name, JsonElement? metadata = null)
    {
        lock (_gate)
            return _people[connection] = new ParticipantInfo(Guid.CreateVersion7().ToString(), user, name, DateTimeOffset.UtcNow, metadata);
    }

    public string? Leave(string connection)
    {
        lock (_gate)
            return _people.Remove(connection, out var person) ? person.Participant : null;
    }
}
