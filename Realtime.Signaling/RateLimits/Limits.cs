using Realtime.Contracts;

namespace Realtime.Signaling.RateLimits;

/// <summary>All limits of this node (design §4), each with its own states.</summary>
public sealed class Limits(LimitOptions options)
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>New sessions per client address.</summary>
    public RateLimiter NewSessions { get; } = new(new RateLimit("sessions", options.SessionsPerMinute, Minute));

    /// <summary>Resumes of the whole node: a herd that comes back is let in at the pace the node can bear.</summary>
    public RateLimiter Resumes { get; } = new(new RateLimit("resumes", options.ResumesPerSecond, Second));

    public RateLimiter Messages { get; } = new(new RateLimit("messages", options.MessagesPerMinute, Minute));

    /// <summary>Joining and leaving channels, per user.</summary>
    public RateLimiter Channels { get; } = new(new RateLimit("channels", options.ChannelsPerMinute, Minute));

    /// <summary>Joining and leaving rooms, publishing and muting, per user.</summary>
    public RateLimiter Voice { get; } = new(new RateLimit("voice", options.VoicePerMinute, Minute));

    /// <summary>Negotiations, per session.</summary>
    public RateLimiter Negotiations { get; } = new(new RateLimit("negotiations", options.NegotiationsPerSecond, Second, options.NegotiationBurst));

    /// <summary>Everything else a connection calls (history): generous, but not endless.</summary>
    public RateLimiter Calls { get; } = new(new RateLimit("calls", options.CallsPerSecond, Second, options.CallsPerSecond * 2));

    /// <summary>What a client is told in Hello, so that it can pace itself.</summary>
    public IReadOnlyDictionary<string, LimitInfo> Told { get; } = new Dictionary<string, LimitInfo>
    {
        ["messages"] = new(options.MessagesPerMinute, 60_000),
        ["channels"] = new(options.ChannelsPerMinute, 60_000),
        ["voice"] = new(options.VoicePerMinute, 60_000),
        ["negotiations"] = new(options.NegotiationsPerSecond, 1000),
    };

    /// <summary>Drops the states that are back at rest.</summary>
    public void Sweep(DateTimeOffset now)
    {
        RateLimiter[] all = [NewSessions, Resumes, Messages, Channels, Voice, Negotiations, Calls];
        foreach (var limiter in all)
            limiter.Sweep(now);
    }
}
