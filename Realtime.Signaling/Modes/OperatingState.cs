namespace Realtime.Signaling.Modes;

/// <summary>Which dependencies cannot be used at the moment.</summary>
/// <param name="Media">Every media node is lost; one of several is not a mode.</param>
/// <param name="Auth">The issuer of tokens.</param>
public readonly record struct Outages(bool Redis, bool Database, bool Media, bool Auth = false);

/// <summary>The operating mode and what it means for people (design §5): which things still work, which are refused.</summary>
public sealed record OperatingState(string Mode, IReadOnlyList<string> Reasons, IReadOnlyList<string> Works, IReadOnlyList<string> Refused)
{
    public const string NormalName = "normal";
    public const string DegradedName = "degraded";
    public const string EmergencyName = "emergency";

    public static OperatingState Normal { get; } = For(default);

    /// <summary>Existing connections are kept and resumes admitted; nobody new comes in.</summary>
    public bool IsEmergency => Mode == EmergencyName;

    public static OperatingState For(Outages outages)
    {
        var (redis, database, media, auth) = (outages.Redis, outages.Database, outages.Media, outages.Auth);
        var emergency = (redis && database) || (auth && (redis || database));
        List<string> works = ["resume", "calls"], refused = [];
        Sort("messages", !database);
        Sort("history", !database);
        // Joining needs a placement (Postgres) and a node to place on; Redis plays no part in it.
        Sort("joiningCalls", !database && !media);
        Sort("presenceAcrossNodes", !redis);
        Sort("typingAcrossNodes", !redis);
        Sort("administration", !database);
        Sort("newLogins", !auth && !emergency);
        Sort("newSessions", !emergency);
        return new OperatingState(emergency ? EmergencyName : outages == default ? NormalName : DegradedName, ReasonsOf(outages), works, refused);

        void Sort(string thing, bool stillWorks) => (stillWorks ? works : refused).Add(thing);
    }

    static List<string> ReasonsOf(Outages outages)
    {
        List<string> reasons = [];
        if (outages.Redis)
            reasons.Add("redis");
        if (outages.Database)
            reasons.Add("database");
        if (outages.Media)
            reasons.Add("media");
        if (outages.Auth)
            reasons.Add("auth");
        return reasons;
    }
}
