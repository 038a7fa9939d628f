using System.Net;
using Realtime.Contracts;
using Realtime.Media.Core;
using Realtime.Media.Transport;

namespace Realtime.Tests.Harness;

/// <summary>
/// One of our own peers that does as the contract says when its room moves: offers at once on a new transport, and keeps the old one. It keeps it for good, so that a test sees whether
/// anything still comes from there.
/// </summary>
sealed class FollowingPeer : IAsyncDisposable
{
    const int MaxAttempts = 20;

    readonly HubClient _hub;
    readonly string _room;
    readonly int _others;
    readonly Task _following;
    readonly Lock _gate = new();
    readonly List<LivePeer> _links = [];

    FollowingPeer(HubClient hub, string room, string participant, int others, LivePeer first)
    {
        (_hub, _room, _others, Participant) = (hub, room, others, participant);
        _links.Add(first);
        _following = FollowAsync();
    }

    public string Participant { get; }

    /// <summary>One per epoch, the newest last.</summary>
    public IReadOnlyList<LivePeer> Links
    {
        get
        {
            lock (_gate)
                return [.. _links];
        }
    }

    public LivePeer Current => Links[^1];

    /// <summary>When it was told that the room has moved, and when its new transport got everything.</summary>
    public List<(long Epoch, Instant ToldAt)> Moves { get; } = [];

    public static async Task<FollowingPeer> JoinAsync(Uri replica, string token, IPAddress from, string room, int others)
    {
        var hub = await HubClient.ConnectAsync(new HubClientOptions(replica, token) { SourceAddress = from });
        await hub.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        var joined = await hub.InvokeAsync<JoinRoomResult>("JoinRoom", new JoinRoomRequest(room));
        var first = await LivePeer.ConnectAsync(hub, room, joined.Epoch, joined.Participant, others);
        return new FollowingPeer(hub, room, joined.Participant, others, first);
    }

    /// <summary>The longest time since then in which none of its transports got anything in one of as many tracks as there are, the time since the last included.</summary>
    public TimeSpan LongestPauseSince(Instant mark)
    {
        var links = Links;
        if (links.Count == 1)
            return links[0].LongestPauseSince(mark);
        // Over a move: from the last packet on the old ones to the first moment at which every section of the new one has had one.
        var last = links.Take(links.Count - 1).Select(static link => link.LastReceivedInAll).Max();
        return TimeSpan.FromTicks(Math.Max((Current.FirstReceivedInAll - Instant.Min(last, Current.FirstReceivedInAll)).Ticks, Current.LongestPauseSince(Current.FirstReceivedInAll).Ticks));
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _following;
        foreach (var link in Links)
            await link.DisposeAsync();
    }

    async Task FollowAsync()
    {
        await foreach (var message in _hub.Events.ReadAllAsync())
        {
            if (message.Name != HubEvent.Moved)
                continue;
            var moved = message.Read<MovedEvent>();
            Moves.Add((moved.Epoch, MonotonicClock.Now));
            var link = await ConnectAsync(moved.Epoch);
            lock (_gate)
                _links.Add(link);
        }
    }

    // As clients do: what may be tried again is tried again.
    async Task<LivePeer> ConnectAsync(long epoch)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await LivePeer.ConnectAsync(_hub, _room, epoch, Participant, _others);
            }
            catch (HubCallException refused) when (attempt < MaxAttempts && refused.Error.RetryAfterMs is not null)
            {
                using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
                await pause.WaitForNextTickAsync();
            }
        }
    }
}
