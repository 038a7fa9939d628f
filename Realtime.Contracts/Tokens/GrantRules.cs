namespace Realtime.Contracts;

/// <summary>What <see cref="Grants"/> mean. Everything not granted is denied; a pattern is an exact name or a prefix ending in <c>*</c>.</summary>
public static class GrantRules
{
    public static bool AllowsChannel(this Grants grants, string channel) => Matches(grants.Channels, channel);

    public static bool AllowsRoom(this Grants grants, string room) => Matches(grants.Rooms, room);

    public static bool AllowsPublish(this Grants grants) => grants.Publish == true;

    public static bool AllowsSubscribe(this Grants grants) => grants.Subscribe == true;

    public static bool AllowsModerate(this Grants grants) => grants.Moderate == true;

    public static bool AllowsAdmin(this Grants grants) => grants.Admin == true;

    static bool Matches(IReadOnlyList<string>? patterns, string name)
    {
        foreach (var pattern in patterns ?? [])
        {
            if (pattern.EndsWith('*') ? name.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : pattern == name)
                return true;
        }

        return false;
    }
}
