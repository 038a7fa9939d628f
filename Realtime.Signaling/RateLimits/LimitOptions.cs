namespace Realtime.Signaling.RateLimits;

/// <summary>
/// Section <c>Limits</c>; defaults from design §4. The one instance in the container is the one in force: it follows the configuration while the service runs
/// (a change that is no good is logged and leaves it as it was).
/// </summary>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>Per client address (IPv6: per /64). Development's settings allow 600.</summary>
    public int SessionsPerMinute { get; set; } = 10;

    /// <summary>Of the whole node; 0 means 500 per core.</summary>
    public int ResumesPerSecond { get; set; }

    /// <summary>Hub connections a user may open, sessions and resumes alike: six times what anybody needs who is thrown off again and again.</summary>
    public int ConnectionsPerMinute { get; set; } = 120;

    public int MessagesPerMinute { get; set; } = 30;
    public int EditsPerMinute { get; set; } = 10;
    public int DeletesPerMinute { get; set; } = 5;
    public int DirectsPerMinute { get; set; } = 20;
    public int TypingPer10Seconds { get; set; } = 10;
    public int PresencePer30Seconds { get; set; } = 5;
    public int ChannelsPerMinute { get; set; } = 50;
    public int VoicePerMinute { get; set; } = 20;
    public int NegotiationsPerSecond { get; set; } = 10;
    public int NegotiationBurst { get; set; } = 30;
    public int FriendsPerMinute { get; set; } = 30;
    public int KicksPer5Minutes { get; set; } = 5;
    public int BansPer5Minutes { get; set; } = 3;

    /// <summary>Per user.</summary>
    public long UploadBytesPerDay { get; set; } = 1L << 30;

    public int CallsPerSecond { get; set; } = 20;

    /// <summary>What a call costs that is unknown or cannot be read, in calls.</summary>
    public int InvalidCallCost { get; set; } = 5;

    /// <summary>Of a user; each is kept for a day.</summary>
    public int IdempotencyKeysPerHour { get; set; } = 600;

    /// <summary>Refused tokens and keys of one address.</summary>
    public int StrangersPerMinute { get; set; } = 60;

    /// <summary>Calls of one connection that may throw before it is closed and kept out for a while.</summary>
    public int FaultsPerMinute { get; set; } = 5;

    /// <summary>Calls of one connection that are unknown or cannot be read before it is closed. A client newer than this server has a few.</summary>
    public int ViolationsPerMinute { get; set; } = 30;

    /// <summary>Calls beyond a limit of one connection before it is closed: who comes back when told to has none.</summary>
    public int RefusalsPerMinute { get; set; } = 60;

    /// <summary>Messages of any kind (calls, pings) of one connection: what no client comes near.</summary>
    public int FramesPerSecond { get; set; } = 200;

    /// <summary>Bytes of one connection; thirty times as many may come at once (offers).</summary>
    public int BytesPerSecond { get; set; } = 256 * 1024;

    /// <summary>Connections of one user closed for misconduct within ten minutes before the user is kept out.</summary>
    public int ClosingsPer10Minutes { get; set; } = 3;

    /// <summary>How long for the first time; doubled for each further time, up to an hour.</summary>
    public int QuarantineMinutes { get; set; } = 5;

    /// <summary>Open hub connections of this replica; more get 503.</summary>
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>Channels one session may be in.</summary>
    public int MaxChannelsPerSession { get; set; } = 100;

    /// <summary>What is wrong with these values, each with its key; empty when nothing is.</summary>
    public IReadOnlyList<string> Mistakes()
    {
        var mistakes = new List<string>();
        foreach (var property in typeof(LimitOptions).GetProperties().Where(static property => property.CanWrite))
        {
            var value = Convert.ToInt64(property.GetValue(this), System.Globalization.CultureInfo.InvariantCulture);
            var least = property.Name == nameof(ResumesPerSecond) ? 0 : 1;
            if (value < least)
                mistakes.Add($"{Section}:{property.Name} must be at least {least}, and is {value}.");
        }
        if (InvalidCallCost > CallsPerSecond * 2)
            mistakes.Add($"{Section}:{nameof(InvalidCallCost)} is more than a connection may call at once (twice {Section}:{nameof(CallsPerSecond)}).");
        return mistakes;
    }

    /// <summary>What a value of 0 stands for.</summary>
    public void Complete(int cores)
    {
        if (ResumesPerSecond == 0)
            ResumesPerSecond = 500 * cores;
    }

    /// <summary>Takes over the values of another instance.</summary>
    public void Take(LimitOptions other)
    {
        foreach (var property in typeof(LimitOptions).GetProperties().Where(static property => property.CanWrite))
            property.SetValue(this, property.GetValue(other));
    }
}
