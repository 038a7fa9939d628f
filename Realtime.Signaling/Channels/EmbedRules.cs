using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Signaling.Channels;

/// <summary>The shape of a message's embeds: known members of known types and bounded lengths, two levels deep; links to the web only.</summary>
public static class EmbedRules
{
    public const int MaxTypeLength = 32;
    public const int MaxTitleLength = 256;
    public const int MaxDescriptionLength = 2048;
    public const int MaxUrlLength = 2048;
    public const int MaxFields = 25;
    public const int MaxFieldNameLength = 256;
    public const int MaxFieldValueLength = 1024;
    public const int MaxColor = 0xFFFFFF;

    /// <summary>False: it is no <see cref="MessageEmbed"/>, or one that breaks a bound, or it says nothing.</summary>
    public static bool TryRead(JsonElement element, [NotNullWhen(true)] out MessageEmbed? embed)
    {
        embed = null;
        if (!JsonMembers.TryRead(element, out var members, "type", "title", "description", "url", "color", "fields"))
            return false;
        if (!members.TryText("type", MaxTypeLength, out var type) || (type is not null && !IsWord(type)))
            return false;
        if (!members.TryText("title", MaxTitleLength, out var title) || !members.TryText("description", MaxDescriptionLength, out var description))
            return false;
        if (!members.TryText("url", MaxUrlLength, out var given) || !TryUrl(given, out var url) || !members.TryInteger("color", 0, MaxColor, out var color))
            return false;
        if (!TryFields(members.Find("fields"), out var fields))
            return false;
        title = Shown(title, TextRules.CleanLine);
        description = Shown(description, TextRules.Clean);
        if (title is null && description is null && url is null && fields is null)
            return false;
        embed = new MessageEmbed(type, title, description, url, (int?)color, fields);
        return true;
    }

    static bool TryFields(JsonElement? element, out IReadOnlyList<MessageEmbedField>? fields)
    {
        fields = null;
        if (element is not { } array)
            return true;
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() is 0 or > MaxFields)
            return false;
        var read = new List<MessageEmbedField>();
        foreach (var item in array.EnumerateArray())
        {
            if (!JsonMembers.TryRead(item, out var members, "name", "value", "inline") || !members.TryFlag("inline", out var inline))
                return false;
            if (!members.TryText("name", MaxFieldNameLength, out var name) || !members.TryText("value", MaxFieldValueLength, out var value))
                return false;
            if (Shown(name, TextRules.CleanLine) is not { } shownName || Shown(value, TextRules.Clean) is not { } shownValue)
                return false;
            read.Add(new MessageEmbedField(shownName, shownValue, inline));
        }
        fields = read;
        return true;
    }

    /// <summary>
    /// An absolute http or https URL without user name, in one form: percent-encoded, its host in ASCII, so that no letter of another alphabet passes for one of a known name.
    /// Absent is fine.
    /// </summary>
    static bool TryUrl(string? given, out string? url)
    {
        url = null;
        if (given is null)
            return true;
        // What browsers skip or take for a slash and others do not is no part of an honest link.
        if (given.AsSpan().ContainsAnyInRange('\0', ' ') || given.Contains('\\', StringComparison.Ordinal) || !Uri.TryCreate(given, UriKind.Absolute, out var uri))
            return false;
        if ((uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) || uri.UserInfo.Length > 0 || uri.IdnHost.Length == 0)
            return false;
        if (!Uri.TryCreate(new UriBuilder(uri) { Host = uri.IdnHost }.ToString(), UriKind.Absolute, out var ascii))
            return false;
        url = ascii.AbsoluteUri;
        return url.Length <= MaxUrlLength;
    }

    static string? Shown(string? text, Func<string, string> clean) => text is not null && clean(text) is { Length: > 0 } shown ? shown : null;

    static bool IsWord(string type) => type.Length > 0 && type.All(char.IsAsciiLetterLower);
}
