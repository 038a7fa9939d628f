using Microsoft.Extensions.Options;
using Realtime.Contracts;

namespace Realtime.Signaling.Rooms;

/// <summary>Section <c>Rooms</c>: what a room begins with; followed while the service runs, by rooms that open from then on.</summary>
public sealed class RoomOptions
{
    public const string Section = "Rooms";

    /// <summary>Participants at once (design §4).</summary>
    public int MaxPeers { get; set; } = RoomSettings.MostPeers;

    /// <summary>Videos of others that anybody is shown; null: all that fit.</summary>
    public int? LastN { get; set; }

    /// <summary>Whether who was muted by a moderator may end that.</summary>
    public bool SelfUnmute { get; set; } = true;

    /// <summary>By room, or by a prefix that ends in <c>*</c>: what differs there. The longest that matches holds.</summary>
    public Dictionary<string, RoomOverride> Overrides { get; set; } = [];

    /// <summary>What a room of this name begins with.</summary>
    public RoomSettings For(string room)
    {
        var one = Overrides.Where(pair => Matches(pair.Key, room)).OrderByDescending(static pair => pair.Key.Length).Select(static pair => pair.Value).FirstOrDefault();
        return new RoomSettings(null, one?.MaxPeers ?? MaxPeers, one?.LastN ?? LastN, one?.SelfUnmute ?? SelfUnmute);
    }

    static bool Matches(string pattern, string room) => pattern.EndsWith('*') ? room.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : pattern == room;

    internal sealed class Validator : IValidateOptions<RoomOptions>
    {
        public ValidateOptionsResult Validate(string? name, RoomOptions options)
        {
            var mistakes = new List<string>();
            Check(Section, options.MaxPeers, options.LastN, mistakes);
            foreach (var (room, one) in options.Overrides)
                Check($"{Section}:Overrides:{room}", one.MaxPeers, one.LastN, mistakes);
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }

        static void Check(string key, int? peers, int? videos, List<string> mistakes)
        {
            if (peers is < 1 or > RoomSettings.MostPeers)
                mistakes.Add($"{key}:MaxPeers must be between 1 and {RoomSettings.MostPeers}.");
            if (videos is < 0 or > RoomSettings.MostVideos)
                mistakes.Add($"{key}:LastN must be between 0 and {RoomSettings.MostVideos}.");
        }
    }
}

/// <summary>What differs in some rooms.</summary>
public sealed class RoomOverride
{
    public int? MaxPeers { get; set; }
    public int? LastN { get; set; }
    public bool? SelfUnmute { get; set; }
}
