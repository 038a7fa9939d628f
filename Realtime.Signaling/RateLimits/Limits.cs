using System.Collections.Frozen;
using Realtime.Contracts;

namespace Realtime.Signaling.RateLimits;

/// <summary>All limits of this node (design §4), each with its own states.</summary>
public sealed class Limits
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>What clients are not told: it is nothing they could pace.</summary>
    static readonly string[] Untold = [LimitName.Resumes, LimitName.Closings, LimitName.Strangers];

    readonly FrozenDictionary<string, RateLimiter> _byName;
    volatile IReadOnlyDictionary<string, LimitInfo> _told;
    volatile RateLimit _incomingMessages;
    volatile RateLimit _incomingBytes;

    public Limits(LimitOptions options)
    {
        var table = Table(options);
        _byName = table.ToFrozenDictionary(static limit => limit.Scope, static limit => new RateLimiter(limit), StringComparer.Ordinal);
        _told = Tell(table);
        (_incomingMessages, _incomingBytes) = Incoming(options);
    }

    /// <param name="name">One of <see cref="LimitName"/>.</param>
    public RateLimiter this[string name] => _byName[name];

    public RateLimiter NewSessions => this[LimitName.Sessions];
    public RateLimiter Resumes => this[LimitName.Resumes];
    public RateLimiter Messages => this[LimitName.Messages];
    public RateLimiter Channels => this[LimitName.Channels];
    public RateLimiter Voice => this[LimitName.Voice];
    public RateLimiter Negotiations => this[LimitName.Negotiations];
    public RateLimiter Calls => this[LimitName.Calls];

    /// <summary>What one connection may send, calls or not; half a minute's worth may come at once (a page that was asleep, a burst of offers).</summary>
    public RateLimit IncomingMessages => _incomingMessages;
    public RateLimit IncomingBytes => _incomingBytes;

    public IEnumerable<RateLimiter> All => _byName.Values;

    /// <summary>What a client is told in Hello, so that it can pace itself.</summary>
    public IReadOnlyDictionary<string, LimitInfo> Told => _told;

    /// <summary>Other numbers from here on; what was taken stays taken.</summary>
    public void Change(LimitOptions options)
    {
        var table = Table(options);
        foreach (var limit in table)
            _byName[limit.Scope].Limit = limit;
        _told = Tell(table);
        (_incomingMessages, _incomingBytes) = Incoming(options);
    }

    /// <summary>Drops the states that are back at rest.</summary>
    public void Sweep(DateTimeOffset now)
    {
        foreach (var limiter in All)
            limiter.Sweep(now);
    }

    static RateLimit[] Table(LimitOptions options) =>
    [
        new(LimitName.Sessions, options.SessionsPerMinute, Minute, Per: LimitPer.Address, Shared: true),
        new(LimitName.Resumes, options.ResumesPerSecond, Second, Per: LimitPer.Node),
        new(LimitName.Connections, options.ConnectionsPerMinute, Minute),
        new(LimitName.Messages, options.MessagesPerMinute, Minute, Shared: true),
        new(LimitName.Edits, options.EditsPerMinute, Minute, Shared: true),
        new(LimitName.Deletes, options.DeletesPerMinute, Minute, Shared: true),
        new(LimitName.Directs, options.DirectsPerMinute, Minute, Shared: true),
        new(LimitName.Typing, options.TypingPer10Seconds, 10 * Second, Shared: true),
        new(LimitName.Presence, options.PresencePer30Seconds, 30 * Second, Shared: true),
        new(LimitName.Channels, options.ChannelsPerMinute, Minute, Shared: true),
        new(LimitName.Voice, options.VoicePerMinute, Minute, Shared: true),
        new(LimitName.Negotiations, options.NegotiationsPerSecond, Second, options.NegotiationBurst, LimitPer.Connection),
        new(LimitName.Friends, options.FriendsPerMinute, Minute, Shared: true),
        new(LimitName.Kicks, options.KicksPer5Minutes, 5 * Minute, Shared: true),
        new(LimitName.Bans, options.BansPer5Minutes, 5 * Minute, Shared: true),
        new(LimitName.Uploads, options.UploadBytesPerDay, TimeSpan.FromDays(1), Shared: true),
        new(LimitName.Calls, options.CallsPerSecond, Second, options.CallsPerSecond * 2, LimitPer.Connection),
        new(LimitName.Closings, options.ClosingsPer10Minutes, 10 * Minute),
        new(LimitName.IdempotencyKeys, options.IdempotencyKeysPerHour, 60 * Minute),
        new(LimitName.Strangers, options.StrangersPerMinute, Minute, Per: LimitPer.Address),
    ];

    static (RateLimit Messages, RateLimit Bytes) Incoming(LimitOptions options) => (
        new("incomingMessages", options.FramesPerSecond, Second, options.FramesPerSecond * 30L), new("incomingBytes", options.BytesPerSecond, Second, options.BytesPerSecond * 30L));

    static Dictionary<string, LimitInfo> Tell(RateLimit[] table) => table.Where(static limit => !Untold.Contains(limit.Scope))
        .ToDictionary(static limit => limit.Scope, static limit => new LimitInfo((int)Math.Min(int.MaxValue, limit.Permits), (long)limit.Window.TotalMilliseconds), StringComparer.Ordinal);
}
