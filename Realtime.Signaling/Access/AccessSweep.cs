using System.Collections.Concurrent;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Access;

/// <summary>
/// Looks at who reads a channel here after its rules changed, and ends the membership of those who may no longer (a channel turned private, a member removed, a role or a grant gone);
/// tells moderators what others did. Once a minute it looks at everybody. While that cannot be known it asks again.
/// </summary>
public sealed class AccessSweep(HubConnections connections, ChannelAccess access, Supervisor supervisor) : SupervisedService(supervisor, "access.sweep")
{
    /// <summary>Channels that wait for a look; when there are more, everything is looked at instead.</summary>
    public const int MaxWaiting = 1000;

    static readonly TimeSpan Everything = TimeSpan.FromMinutes(1);
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    readonly ConcurrentQueue<(string Channel, AccessNews? News)> _waiting = new();
    readonly SemaphoreSlim _wake = new(0);
    volatile bool _all;

    /// <summary>Memberships ended since the start.</summary>
    public long Ended { get; private set; }

    /// <param name="news">What happened; null: whatever it was.</param>
    public void Look(string channel, AccessNews? news)
    {
        if (_waiting.Count < MaxWaiting)
            _waiting.Enqueue((channel, news));
        else
            _all = true;
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        var sweptAt = Time.GetTimestamp();
        while (true)
        {
            // By the clock, and not when nothing happened for so long: somewhere something always does.
            var left = Everything - Time.GetElapsedTime(sweptAt);
            if (left <= TimeSpan.Zero || !await _wake.WaitAsync(left, stopping))
                _all = true;
            if (_all)
            {
                _all = false;
                sweptAt = Time.GetTimestamp();
                await RunItemAsync("all", SweepAllAsync, stopping);
            }
            while (_waiting.TryDequeue(out var next))
            {
                // Whoever could not be looked at because of a fault of ours is looked at with everybody.
                if (!(await RunItemAsync("channel", token => SweepAsync(next.Channel, next.News, token), stopping, room: next.Channel)).Succeeded)
                    _all = true;
            }
        }
    }

    async Task SweepAllAsync(CancellationToken stopping)
    {
        try
        {
            foreach (var connection in connections.All)
            {
                foreach (var channel in connection.Session?.Channels ?? [])
                    await CheckAsync(connection, channel, stopping);
            }
        }
        catch (RealtimeException)
        {
            // The database is away; who reads goes on until the next time.
            ActionLog.RecordVerbose(Name, "away");
        }
    }

    async Task SweepAsync(string channel, AccessNews? news, CancellationToken stopping)
    {
        try
        {
            foreach (var connection in connections.All)
            {
                if (connection.Session?.Reader(channel) is null || !await CheckAsync(connection, channel, stopping))
                    continue;
                if (news is { IsModeration: true } && news.User != connection.Token.User && await access.ModerateVerdictAsync(connection.Token, channel, stopping) == AccessVerdict.Allowed)
                    connection.Lanes.Send(HubFrames.Encode(HubEvent.Moderated, news.ToEvent(channel)));
            }
        }
        catch (RealtimeException)
        {
            await Task.Delay(RetryAfter, Time, stopping);
            Look(channel, null);
        }
    }

    /// <returns>False: the membership ended.</returns>
    async Task<bool> CheckAsync(HubConnection connection, string channel, CancellationToken stopping)
    {
        if (connection.Session is not { } session || await access.ReadVerdictAsync(connection.Token, channel, stopping) == AccessVerdict.Allowed)
            return true;
        if (AccessEffects.EndMembership(session, channel))
            Ended++;
        return false;
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }
}
