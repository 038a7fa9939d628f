using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>Greeting the server and taking its events.</summary>
public sealed partial class ChatClient
{
    async Task GreetAsync(HubClient hub)
    {
        List<ChannelReading> joined;
        lock (_gate)
            joined = [.. _channels.Values.Where(reading => reading.IsJoined)];
        var hello = await hub.InvokeAsync<HelloResult>("Hello", new HelloRequest(_resumeToken, [.. joined.Select(reading => new Position(reading.Channel, reading.Position, reading.Epoch))]), _ending.Token);
        _resumeToken = hello.ResumeToken;
        foreach (var reading in joined)
        {
            if (hello.Resumed.FirstOrDefault(resumed => resumed.Channel == reading.Channel) is not { } resumed)
            {
                // A new session: what was missed must be read, and the channel joined again.
                await RejoinAsync(hub, reading);
                continue;
            }
            Interlocked.Increment(ref _resumptions);
            if (resumed.TooOld == true)
                await reading.CatchUpAsync(hub, resumed.To, _ending.Token);
        }
    }

    async Task RejoinAsync(HubClient hub, ChannelReading reading)
    {
        try
        {
            await reading.JoinAsync(hub, _ending.Token);
        }
        catch (HubCallException exception) when (exception.Error.Code == ErrorCode.Forbidden)
        {
            // Put out meanwhile.
            reading.Leave();
            Forget(reading.Channel);
        }
    }

    async Task ReadEventsAsync(HubClient hub)
    {
        await foreach (var message in hub.Events.ReadAllAsync())
        {
            switch (message.Name)
            {
                case HubEvent.MessageCreated:
                    var created = message.Read<Message>();
                    Find(created.Channel)?.Take(created);
                    break;
                case HubEvent.MessageUpdated:
                    var updated = message.Read<MessageUpdatedEvent>();
                    Find(updated.Channel)?.Take(updated);
                    break;
                case HubEvent.MessageDeleted:
                    var deleted = message.Read<MessageDeletedEvent>();
                    Find(deleted.Channel)?.Take(deleted);
                    break;
                case HubEvent.Gap:
                    var gap = message.Read<GapEvent>();
                    Find(gap.Channel)?.TakeGap(gap.From, gap.To);
                    break;
                case HubEvent.MemberLeft:
                    var left = message.Read<MemberLeftEvent>();
                    History.Add(new Observation.SawLeave(Name, History.Now, left.Channel, left.User));
                    break;
                case HubEvent.Moderated:
                    var moderated = message.Read<ModeratedEvent>();
                    if (moderated.User == Name && moderated.Action is ModerationAction.Kick or ModerationAction.Ban && Find(moderated.Channel) is { } lost)
                    {
                        lost.Leave();
                        Forget(moderated.Channel);
                    }
                    break;
            }
        }
    }

    ChannelReading? Find(string channel)
    {
        lock (_gate)
            return _channels.GetValueOrDefault(channel);
    }

    void Forget(string channel)
    {
        lock (_gate)
            _channels.Remove(channel);
    }
}
