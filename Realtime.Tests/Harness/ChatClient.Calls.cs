using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>What a user does besides sending: each call is made once, on the connection of the moment, and recorded with its outcome.</summary>
public sealed partial class ChatClient
{
    /// <summary>Leaves a channel; from the call on nothing is owed.</summary>
    public async Task LeaveAsync(string channel, CancellationToken cancellation = default)
    {
        if (Find(channel) is not { } reading)
            return;
        Forget(channel);
        reading.Leave();
        await CallAsync<LeaveChannelResult>("LeaveChannel", new LeaveChannelRequest(channel), cancellation);
    }

    /// <summary>Reads a page of history, for the record alone.</summary>
    public async Task<IReadOnlyList<Message>> ReadHistoryAsync(string channel, long after, int limit, CancellationToken cancellation = default)
    {
        var asked = History.Now;
        var page = await CallAsync<List<Message>>("History", new HistoryRequest(channel, After: after, Limit: limit), cancellation);
        var reading = new ChannelReading(_options, channel);
        History.Add(new Observation.ReadHistory(Name, History.Now, asked, channel, after, page.Count < limit, [.. page.Select(reading.Seen)]));
        return page;
    }

    /// <summary>Edits a message of one's own. Never twice with the same text (see <see cref="ChangeId"/>).</summary>
    public Task EditAsync(string channel, string message, string text, CancellationToken cancellation = default) =>
        ChangeAsync(channel, ChangeId.OfEdit(message, text), "EditMessage", new EditMessageRequest(channel, message, text), cancellation);

    /// <summary>Removes a message of one's own. Never the same one twice.</summary>
    public Task RemoveAsync(string channel, string message, CancellationToken cancellation = default) =>
        ChangeAsync(channel, ChangeId.OfRemoval(message), "DeleteMessage", new DeleteMessageRequest(channel, message), cancellation);

    /// <summary>Puts a user out of a channel.</summary>
    public async Task BanAsync(string channel, string user, CancellationToken cancellation = default)
    {
        await CallAsync<Done>("Ban", new BanRequest(channel, user, "chaos"), cancellation);
        History.Add(new Observation.PutOut(Name, History.Now, channel, user));
    }

    public async Task UnbanAsync(string channel, string user, CancellationToken cancellation = default)
    {
        History.Add(new Observation.LetIn(Name, History.Now, channel, user));
        await CallAsync<Done>("Unban", new UnbanRequest(channel, user), cancellation);
    }

    /// <summary>The first thing said in a direct channel, which makes it.</summary>
    public async Task SendDirectAsync(string to, string channel, string text, CancellationToken cancellation = default)
    {
        var id = Guid.CreateVersion7().ToString();
        History.Add(new Observation.Invoked(Name, History.Now, channel, id, text));
        var sent = await CallAsync<SendDirectResult>("SendDirect", new SendDirectRequest([to], id, text), cancellation);
        History.Add(new Observation.Acknowledged(Name, History.Now, channel, id, sent.Id, sent.Seq));
    }

    async Task ChangeAsync(string channel, string change, string method, object request, CancellationToken cancellation)
    {
        History.Add(new Observation.Invoked(Name, History.Now, channel, change, change));
        try
        {
            var result = await CallAsync<ChangeMessageResult>(method, request, cancellation);
            History.Add(new Observation.Acknowledged(Name, History.Now, channel, change, change, result.Seq));
        }
        catch (HubCallException refusal) when (!ChatOutbox.IsUncertain(refusal.Error))
        {
            History.Add(new Observation.Refused(Name, History.Now, channel, change, refusal.Error.Code));
            throw;
        }
    }

    async Task<T> CallAsync<T>(string method, object request, CancellationToken cancellation)
    {
        var hub = await OnlineAsync(cancellation);
        return await hub.InvokeAsync<T>(method, request, cancellation);
    }
}
