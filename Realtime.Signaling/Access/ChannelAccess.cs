using System.Collections.Concurrent;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Access;

/// <summary>
/// Who may read, write and moderate a channel: the one place that everything about channels asks first. Answers come from memory, which the outbox keeps true (kind
/// <see cref="AccessNews.Kind"/>): what it says is as old as the tail's last look. While Postgres is away what is known goes on holding for <see cref="KnownFor"/>, restrictions as
/// well as access; what is not known is <c>unavailable</c>.
/// </summary>
public sealed class ChannelAccess(AccessStore store, TimeProvider time, int maxChannels = ChannelAccess.MaxChannels) : IOutboxConsumer
{
    /// <summary>Channels remembered; beyond that the longest unused tenth is forgotten and read again when needed.</summary>
    public const int MaxChannels = 16_384;

    /// <summary>Users remembered of a channel with a long roster.</summary>
    public const int MaxOthers = 4096;

    public static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(10);

    sealed class Entry(Lazy<Task<ChannelPolicy>> policy)
    {
        public Task<ChannelPolicy> Policy => policy.Value;
        public readonly ConcurrentDictionary<string, Lazy<Task<Standing>>> Others = new(StringComparer.Ordinal);
        public long ReadAt;
        public long UsedAt;
    }

    readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    long _currentAt;

    /// <summary>For metrics.</summary>
    public int Count => _entries.Count;

    /// <exception cref="RealtimeException"><c>invalid</c>, <c>forbidden</c>, <c>notFound</c>, or <c>unavailable</c> when it cannot be known now.</exception>
    public ValueTask RequireReadAsync(UserToken token, string? channel, CancellationToken cancellation) => RequireAsync(AccessRules.Read, token, channel, cancellation);

    /// <inheritdoc cref="RequireReadAsync"/>
    public ValueTask RequireWriteAsync(UserToken token, string? channel, CancellationToken cancellation) => RequireAsync(AccessRules.Write, token, channel, cancellation);

    /// <summary>As reading; and who was thrown out and comes again counts as come again.</summary>
    /// <inheritdoc cref="RequireReadAsync"/>
    public async ValueTask RequireJoinAsync(UserToken token, string? channel, CancellationToken cancellation)
    {
        await RequireReadAsync(token, channel, cancellation);
        var (_, standing) = await LookAsync(channel!, token.User, cancellation);
        if (!standing.Removed)
            return;
        await store.ForgetRemovalAsync(channel!, token.User, cancellation);
        Forget(channel!);
    }

    /// <inheritdoc cref="RequireReadAsync"/>
    /// <returns>With which rank the caller acts.</returns>
    public async ValueTask<ChannelRole> RequireModerateAsync(UserToken token, string? channel, CancellationToken cancellation)
    {
        await RequireAsync(AccessRules.Moderate, token, channel, cancellation);
        var (_, standing) = await LookAsync(channel!, token.User, cancellation);
        return AccessRules.ActingAs(standing, token.Grants);
    }

    /// <summary>Whether a returning session may go on with the channel from where it was.</summary>
    /// <exception cref="RealtimeException"><c>unavailable</c>: it cannot be known now.</exception>
    public ValueTask<AccessVerdict> ResumeVerdictAsync(UserToken token, string channel, CancellationToken cancellation) => VerdictAsync(AccessRules.Resume, token, channel, cancellation);

    /// <summary>Whether who reads a channel may go on.</summary>
    /// <inheritdoc cref="ResumeVerdictAsync"/>
    public ValueTask<AccessVerdict> ReadVerdictAsync(UserToken token, string channel, CancellationToken cancellation) => VerdictAsync(AccessRules.Read, token, channel, cancellation);

    /// <summary>Whether somebody moderates the channel.</summary>
    /// <inheritdoc cref="ResumeVerdictAsync"/>
    public ValueTask<AccessVerdict> ModerateVerdictAsync(UserToken token, string channel, CancellationToken cancellation) => VerdictAsync(AccessRules.Moderate, token, channel, cancellation);

    /// <summary>What is known of the channel and of one user in it.</summary>
    /// <exception cref="RealtimeException"><c>unavailable</c>: it cannot be known now.</exception>
    public async ValueTask<(ChannelPolicy Policy, Standing Standing)> LookAsync(string channel, string user, CancellationToken cancellation)
    {
        var entry = Find(channel);
        var policy = entry.Policy.IsCompletedSuccessfully ? entry.Policy.Result : await WaitAsync(channel, entry, entry.Policy, cancellation);
        if (policy.Complete)
            return (policy, policy.Standings.GetValueOrDefault(user));
        if (!entry.Others.TryGetValue(user, out var other))
        {
            if (entry.Others.Count >= MaxOthers)
                entry.Others.Clear();
            other = entry.Others.GetOrAdd(user, _ => new(() => store.StandingAsync(channel, user, CancellationToken.None)));
        }
        return (policy, await WaitAsync(channel, entry, other.Value, cancellation));
    }

    /// <summary>What was known of the channel holds no longer. Who changes something calls it on the spot; the outbox does it everywhere.</summary>
    public void Forget(string channel) => _entries.TryRemove(channel, out _);

    public bool Takes(string kind) => kind == AccessNews.Kind;

    /// <summary>Whatever was read before the tail's first look may have missed something.</summary>
    public Task BeginAsync(CancellationToken cancellation)
    {
        _entries.Clear();
        return Task.CompletedTask;
    }

    public void Take(OutboxEntry entry) => Forget(entry.Key);

    /// <summary>The outbox was read to its end: everything known here is true now.</summary>
    public void Current() => Volatile.Write(ref _currentAt, time.GetTimestamp());

    async ValueTask RequireAsync(
        Func<string, ChannelPolicy, Standing, Grants, DateTimeOffset, AccessVerdict> rule, UserToken token, string? channel, CancellationToken cancellation)
    {
        if (!NameRules.IsName(channel))
            throw new RealtimeException(new(ErrorCode.Invalid, $"A channel is named by 1 to {NameRules.MaxNameLength} of A-Z a-z 0-9 . _ : -", "channel"));
        if (AccessRules.Refusal(await VerdictAsync(rule, token, channel!, cancellation)) is { } refusal)
            throw new RealtimeException(refusal);
    }

    async ValueTask<AccessVerdict> VerdictAsync(
        Func<string, ChannelPolicy, Standing, Grants, DateTimeOffset, AccessVerdict> rule, UserToken token, string channel, CancellationToken cancellation)
    {
        // What no state of the channel can allow costs no read: guessing names must not fill the memory or ask the database.
        if (DirectName.IsReserved(channel) ? !DirectName.IsOne(channel) : !token.Grants.AllowsChannel(channel))
            return AccessVerdict.NotGranted;
        var (policy, standing) = await LookAsync(channel, token.User, cancellation);
        return rule(channel, policy, standing, token.Grants, time.GetUtcNow());
    }

    Entry Find(string channel)
    {
        var now = time.GetTimestamp();
        if (_entries.TryGetValue(channel, out var known))
        {
            if (!known.Policy.IsFaulted && time.GetElapsedTime(Math.Max(Volatile.Read(ref known.ReadAt), Volatile.Read(ref _currentAt)), now) <= KnownFor)
            {
                Volatile.Write(ref known.UsedAt, now);
                return known;
            }
            _entries.TryRemove(new(channel, known));
        }
        if (_entries.Count >= maxChannels)
            MakeRoom();
        var made = new Entry(new(() => store.PolicyAsync(channel, CancellationToken.None))) { ReadAt = now, UsedAt = now };
        return _entries.GetOrAdd(channel, made);
    }

    /// <summary>A read that failed is forgotten: who comes next asks again.</summary>
    async Task<T> WaitAsync<T>(string channel, Entry entry, Task<T> read, CancellationToken cancellation)
    {
        try
        {
            return await read.WaitAsync(cancellation);
        }
        catch (RealtimeException failure)
        {
            _entries.TryRemove(new(channel, entry));
            // A read that broke off did nothing, whatever the database's way says of calls in general.
            throw failure.Error.Code == ErrorCode.UnknownOutcome ? new RealtimeException(failure.Error with { Code = ErrorCode.Unavailable, Message = "The database is away." }, failure) : failure;
        }
        catch when (read.IsFaulted)
        {
            // So is one that failed for a reason of ours.
            _entries.TryRemove(new(channel, entry));
            throw;
        }
    }

    void MakeRoom()
    {
        foreach (var (channel, entry) in _entries.ToArray().OrderBy(static one => Volatile.Read(ref one.Value.UsedAt)).Take(Math.Max(1, maxChannels / 10)))
            _entries.TryRemove(new(channel, entry));
    }
}
