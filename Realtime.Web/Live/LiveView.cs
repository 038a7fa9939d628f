using System.Collections.Frozen;
using Realtime.Web.Components.Boards;

namespace Realtime.Web.Live;

/// <summary>A part of a page that stays live: a component whose parameters are texts of the page's address.</summary>
/// <param name="Every">How often it is looked at anew, for all who see it together.</param>
/// <param name="Parameters">The component's, as they stand in the address.</param>
sealed record LiveView(string Name, Type Component, TimeSpan Every, params string[] Parameters)
{
    const int MaxValue = 256;

    static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Slow = TimeSpan.FromSeconds(3);

    public static FrozenDictionary<string, LiveView> All { get; } = new LiveView[]
    {
        new("overview", typeof(OverviewBoard), Second),
        new("crashes", typeof(CrashesBoard), Slow, "search", "after"),
        new("rooms", typeof(RoomsBoard), Quick, "search", "after"),
        new("room", typeof(RoomBoard), Quick, "room", "after"),
        new("participant", typeof(ParticipantBoard), Second, "room", "participant"),
        new("nodes", typeof(NodesBoard), Second),
        new("circuits", typeof(CircuitsBoard), Second),
        new("actions", typeof(ActionsBoard), Second, "replica", "node", "component", "user", "room", "trace"),
        new("deliveries", typeof(DeliveriesBoard), Slow, "endpoint", "state", "after"),
        new("moderation", typeof(ModerationBoard), Slow, "search", "after"),
        new("audit", typeof(AuditBoard), Slow, "actor", "target", "channel", "action", "after"),
        new("limits", typeof(LimitsBoard), Slow),
        new("faults", typeof(FaultsBoard), Second),
    }.ToFrozenDictionary(static view => view.Name, StringComparer.Ordinal);

    /// <summary>The component's parameters, as far as they are given.</summary>
    public Dictionary<string, object> Read(Func<string, string?> given)
    {
        var read = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var name in Parameters)
        {
            if (given(name) is { Length: > 0 and <= MaxValue } value)
                read[char.ToUpperInvariant(name[0]) + name[1..]] = value;
        }
        return read;
    }
}
