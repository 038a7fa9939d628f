namespace Realtime.Signaling.RateLimits;

/// <summary>Section <c>Limits</c>; defaults from design §4.</summary>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>Per client address (IPv6: per /64). Development's settings allow 600.</summary>
    public int SessionsPerMinute { get; set; } = 10;

    /// <summary>Of the whole node; 0 means 500 per core.</summary>
    public int ResumesPerSecond { get; set; }

    public int MessagesPerMinute { get; set; } = 30;
    public int ChannelsPerMinute { get; set; } = 50;
    public int VoicePerMinute { get; set; } = 20;
    public int NegotiationsPerSecond { get; set; } = 10;
    public int NegotiationBurst { get; set; } = 30;
    public int CallsPerSecond { get; set; } = 20;

    /// <summary>Open hub connections of this replica; more get 503.</summary>
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>Channels one session may be in.</summary>
    public int MaxChannelsPerSession { get; set; } = 100;
}
