namespace Realtime.Signaling.Modes;

/// <summary>Which dependencies cannot be used at the moment.</summary>
/// <param name="Media">Every media node is lost; one of several is not a mode.</param>
public readonly record struct Outages(bool Redis, bool Database, bool Media);

/// <summary>The operating mode and what it means for people (design §5): which things still work, which are refused.</summary>
public sealed record OperatingState(string Mode, IReadOnlyList<string> Reasons, IReadOnlyList<string> Works, IReadOnlyList<string> Refused)
{
    public const string NormalName = "normal";
    public const string DegradedName = "degraded";

    public static OperatingState Normal { get; } = new(NormalName, [], ["messages", "history", "calls"], []);

    public static OperatingState For(Outages outages)
    {
        if (outages == default)
            return Normal;
        List<string> reasons = [], works = [], refused = [];
        if (outages.Redis)
            reasons.Add("redis");
        if (outages.Database)
            reasons.Add("database");
        if (outages.Media)
            reasons.Add("media");
        (outages.Database ? refused : works).AddRange(["messages", "history"]);
        works.Add("resume");
        works.Add("calls");
        // Joining needs a placement (Postgres) and a node to place on; Redis plays no part in it.
        (outages.Database || outages.Media ? refused : works).Add("joiningCalls");
        return new OperatingState(DegradedName, reasons, works, refused);
    }
}
