using Microsoft.AspNetCore.SignalR;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>What the replicas of a <see cref="StubHub"/> share.</summary>
public sealed class StubState
{
    readonly Lock _gate = new();
    readonly SemaphoreSlim _sending = new(1, 1);
    readonly Dictionary<string, List<Message>> _channels = [];
    readonly Dictionary<(string Connection, string Channel), IClientProxy> _members = [];
    int _losses;
    int _busy;

    /// <summary>Treat every resume as a new session.</summary>
    public bool ForgetSessions { get; set; }

    /// <summary>A fault: store each retry as a new message.</summary>
    public bool IgnoreClientMessageId { get; set; }

    /// <summary>A fault: deliver to nobody the message with this sequence number.</summary>
    public long Swallow { get; set; }

    /// <summary>A fault: deliver the message with this sequence number twice.</summary>
    public long Repeat { get; set; }

    /// <summary>The next sends are stored, and their connections lost before the answer.</summary>
    public void LoseAnswers(int count) => Interlocked.Exchange(ref _losses, count);

    /// <summary>The next sends are refused for now.</summary>
    public void BeBusy(int count) => Interlocked.Exchange(ref _busy, count);

    internal bool TakeLoss() => Interlocked.Decrement(ref _losses) >= 0;

    internal bool TakeBusy() => Interlocked.Decrement(ref _busy) >= 0;

    internal long Join(string connection, IClientProxy client, string channel)
    {
        lock (_gate)
        {
            _members[(connection, channel)] = client;
            return Log(channel).Count;
        }
    }

    /// <summary>Joins and catches up before anything newer is delivered.</summary>
    internal async Task<long> ResumeAsync(string connection, IClientProxy client, string channel, long after)
    {
        await _sending.WaitAsync();
        try
        {
            var last = Join(connection, client, channel);
            foreach (var missed in Read(channel, after, int.MaxValue))
                await client.SendAsync(HubEvent.MessageCreated, missed);
            return last;
        }
        finally
        {
            _sending.Release();
        }
    }

    internal void Disconnect(string connection)
    {
        lock (_gate)
        {
            foreach (var member in _members.Keys.Where(member => member.Connection == connection).ToList())
                _members.Remove(member);
        }
    }

    internal List<Message> Read(string channel, long after, int limit)
    {
        lock (_gate)
            return [.. Log(channel).Where(message => message.Seq > after).Take(limit)];
    }

    internal async Task<(Message Message, bool Duplicate)> AppendAsync(string author, SendMessageRequest request)
    {
        // One at a time, so that every member gets them in order.
        await _sending.WaitAsync();
        try
        {
            Message message;
            IClientProxy[] members;
            lock (_gate)
            {
                var log = Log(request.Channel!);
                if (!IgnoreClientMessageId && log.Find(stored => stored.Author == author && stored.ClientMessageId == request.ClientMessageId) is { } earlier)
                    return (earlier, true);
                message = new Message(request.Channel!, 1, log.Count + 1, Guid.CreateVersion7().ToString(), author, author, request.Text!, DateTimeOffset.UtcNow, request.ClientMessageId!);
                log.Add(message);
                members = [.. _members.Where(member => member.Key.Channel == request.Channel).Select(member => member.Value)];
            }
            for (var times = message.Seq == Swallow ? 0 : message.Seq == Repeat ? 2 : 1; times > 0; times--)
                await Task.WhenAll(members.Select(member => member.SendAsync(HubEvent.MessageCreated, message)));
            return (message, false);
        }
        finally
        {
            _sending.Release();
        }
    }

    List<Message> Log(string channel)
    {
        if (!_channels.TryGetValue(channel, out var log))
            _channels.Add(channel, log = []);
        return log;
    }
}
