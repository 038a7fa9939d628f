namespace Realtime.Signaling.Channels;

/// <summary>What callers may name things: 1–64 characters of <c>[A-Za-z0-9._:-]</c>, so that a name is safe as a key, in a path and in a log.</summary>
public static class NameRules
{
    public const int MaxNameLength = 64;

    /// <summary>Ids of users come from the team's own directory and may be longer (mail addresses, GUIDs with prefixes).</summary>
    public const int MaxUserLength = 128;

    public const int MaxDisplayNameLength = 64;

    public static bool IsName(string? name) => name is { Length: > 0 and <= MaxNameLength } && HasNameCharacters(name, "._:-");

    public static bool IsUser(string? user) => user is { Length: > 0 and <= MaxUserLength } && HasNameCharacters(user, "._:-@+|");

    public static bool IsDisplayName(string? name) => name is { Length: > 0 and <= MaxDisplayNameLength } && !name.AsSpan().ContainsAnyInRange('\0', '\x1f');

    static bool HasNameCharacters(string name, string punctuation)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !punctuation.Contains(c))
                return false;
        }
        return true;
    }
}
