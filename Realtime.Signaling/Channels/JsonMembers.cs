using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Realtime.Signaling.Channels;

/// <summary>The members of a JSON object of a known shape: each at most once, none that is not known. Null counts as absent.</summary>
public readonly struct JsonMembers
{
    readonly Dictionary<string, JsonElement> _members;

    JsonMembers(Dictionary<string, JsonElement> members) => _members = members;

    public static bool TryRead(JsonElement element, out JsonMembers members, params ReadOnlySpan<string> known)
    {
        var read = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        members = new JsonMembers(read);
        if (element.ValueKind != JsonValueKind.Object)
            return false;
        foreach (var member in element.EnumerateObject())
        {
            if (!TryName(member, out var name) || !known.Contains(name) || !read.TryAdd(name, member.Value))
                return false;
        }
        return true;
    }

    public JsonElement? Find(string name) => _members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>False: it is there, but no text or too long.</summary>
    public bool TryText(string name, int maxLength, out string? text)
    {
        text = null;
        if (Find(name) is not { } value)
            return true;
        return value.ValueKind == JsonValueKind.String && TryText(value, out text) && text.Length <= maxLength;
    }

    public bool TryInteger(string name, long least, long most, out long? number)
    {
        number = null;
        if (Find(name) is not { } value)
            return true;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var read) || read < least || read > most)
            return false;
        number = read;
        return true;
    }

    public bool TryFlag(string name, out bool? flag)
    {
        flag = null;
        if (Find(name) is not { } value)
            return true;
        flag = value.ValueKind == JsonValueKind.True;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }

    static bool TryName(JsonProperty member, [NotNullWhen(true)] out string? name) => TryUnescape(() => member.Name, out name);

    static bool TryText(JsonElement value, [NotNullWhen(true)] out string? text) => TryUnescape(value.GetString, out text);

    /// <summary>Half a surrogate pair can be written in JSON, but not be read.</summary>
    static bool TryUnescape(Func<string?> read, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = read();
        }
        catch (InvalidOperationException)
        {
            text = null;
        }
        return text is not null;
    }
}
