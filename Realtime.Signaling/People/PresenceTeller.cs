using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.People;

/// <summary>
/// Tells presence to the people here whom it concerns: the user's own devices, friends, and who reads a channel with the user in it, unless that has more than
/// <see cref="MaxMembers"/> members. One loop, so that what is told last is what is. A user whose devices changed several times meanwhile is told once.
/// </summary>
public sealed class PresenceTeller(PresenceService presence, FriendIndex friends, MemberIndex members, HubConnections connections, Supervisor supervisor)
    : SupervisedService(supervisor, "people.presence")
{
    /// <summary>In larger channels presence is told on request alone.</summary>
    public const int MaxMembers = 200;

    /// <summary>What was told last of those who are not offline: bounded by the board.</summary>
    readonly Dictionary<string, PresenceEvent> _told = new(StringComparer.Ordinal);
    readonly HashSet<ConnectionLanes> _audience = [];

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (true)
        {
            await presence.WaitAsync(stopping);
            var work = presence.TakeWork();
            foreach (var user in work.Changed)
                await RunItemAsync("tell", _ => TellChanged(user), stopping, user);
            foreach (var introduction in work.Introductions)
                await RunItemAsync("introduce", _ => Introduce(introduction), stopping);
        }
    }

    Task TellChanged(string user)
    {
        var now = presence.Of(user);
        var own = connections.OfUser(user);
        if (!own.IsEmpty)
        {
            var self = Encode(presence.OfSelf(user));
            foreach (var connection in own)
                connection.Lanes.SendLatest(KeyOf(user), self);
        }
        if (!IsNews(now))
            return Task.CompletedTask;
        _audience.Clear();
        foreach (var watcher in friends.WatchersOf(user))
        {
            foreach (var connection in connections.OfUser(watcher))
                _audience.Add(connection.Lanes);
        }
        foreach (var feed in members.FeedsOf(user))
        {
            if (feed.MemberCount <= MaxMembers)
                feed.AddReaders(_audience);
        }
        foreach (var connection in own)
            _audience.Remove(connection.Lanes);
        if (_audience.Count == 0)
            return Task.CompletedTask;
        var frame = Encode(now);
        foreach (var lanes in _audience)
            lanes.SendLatest(KeyOf(user), frame);
        return Task.CompletedTask;
    }

    /// <summary>Somebody who was offline and is told as offline is no news.</summary>
    bool IsNews(PresenceEvent now)
    {
        var isOffline = now.Status == PresenceStatus.Offline;
        var known = _told.GetValueOrDefault(now.User);
        if (known is null ? isOffline : known == now)
            return false;
        if (isOffline)
            _told.Remove(now.User);
        else
            _told[now.User] = now;
        return true;
    }

    Task Introduce(Introduction introduction)
    {
        if (introduction.To is { } lanes)
        {
            // In one piece through the lane that loses nothing: the lane for the newest of each holds 64.
            var frames = introduction.Users.Select(user => Encode(presence.Of(user))).ToArray();
            if (frames.Length > 0)
                lanes.Send(HubFrames.Concatenate(frames));
        }
        else if (introduction.Feed is { } feed && feed.MemberCount <= MaxMembers)
        {
            foreach (var user in introduction.Users)
            {
                var own = connections.OfUser(user);
                var now = presence.Of(user);
                if (introduction.Left == (now.Status == PresenceStatus.Offline))
                    feed.TellOthers(KeyOf(user), Encode(now), one => own.Any(connection => connection.Lanes == one));
            }
        }
        return Task.CompletedTask;
    }

    static ReadOnlyMemory<byte> Encode(PresenceEvent presence) => HubFrames.Encode(HubEvent.Presence, presence);

    static string KeyOf(string user) => $"presence:{user}";
}
