using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Signaling.Channels;

/// <summary>The shape of a message's attachments. Whether the upload exists, and is the author's, its store knows.</summary>
public static class AttachmentRules
{
    public const int MaxNameLength = 255;
    public const int MaxTypeLength = 127;
    public const long MaxBytes = 100 * 1024 * 1024;

    /// <summary>False: it is no <see cref="MessageAttachment"/>, or one that breaks a bound.</summary>
    public static bool TryRead(JsonElement element, [NotNullWhen(true)] out MessageAttachment? attachment)
    {
        attachment = null;
        if (!JsonMembers.TryRead(element, out var members, "id", "name", "type", "size"))
            return false;
        if (!members.TryText("id", NameRules.MaxNameLength, out var id) || id is null || !NameRules.IsName(id))
            return false;
        if (!members.TryText("name", MaxNameLength, out var name) || !members.TryText("type", MaxTypeLength, out var type) || !members.TryInteger("size", 0, MaxBytes, out var size))
            return false;
        if (type is not null && !IsMediaType(type))
            return false;
        attachment = new MessageAttachment(id, name is null ? null : FileName(name), type?.ToLowerInvariant(), size);
        return true;
    }

    /// <summary>What is left of a name when nobody can read a path out of it.</summary>
    static string? FileName(string name)
    {
        var clean = TextRules.CleanLine(name);
        clean = clean[(clean.LastIndexOfAny(['/', '\\']) + 1)..].Trim();
        return clean.Trim('.').Length == 0 ? null : clean;
    }

    static bool IsMediaType(string type)
    {
        var slash = type.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < type.Length - 1 && IsToken(type.AsSpan(0, slash)) && IsToken(type.AsSpan(slash + 1));
    }

    static bool IsToken(ReadOnlySpan<char> part)
    {
        foreach (var c in part)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"!#$&^_.+-".Contains(c, StringComparison.Ordinal))
                return false;
        }
        return true;
    }
}
