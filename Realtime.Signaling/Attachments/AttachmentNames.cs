using System.Buffers.Text;
using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;

namespace Realtime.Signaling.Attachments;

/// <summary>What callers call their files, made harmless: names never reach a path, types never decide how a browser treats the file.</summary>
public static class AttachmentNames
{
    public const int MaxNameLength = 255;

    const int IdBytes = 24;
    const int IdLength = IdBytes / 3 * 4;
    const int MaxTypeLength = 127;
    const string Unknown = MediaTypeNames.Application.Octet;

    /// <summary>Served as they are called; anything else (HTML, SVG, XML, scripts) as bytes.</summary>
    static readonly HashSet<string> s_served = new(StringComparer.OrdinalIgnoreCase)
    {
        "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "audio/mpeg", "audio/ogg", "audio/wav", "audio/webm", "audio/mp4", "audio/flac",
        "video/mp4", "video/webm", "video/ogg", "video/quicktime", "text/plain", "application/pdf", "application/zip",
    };

    /// <summary>192 random bits: who knows it was told.</summary>
    public static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(IdBytes));

    /// <summary>Whether it can be one of ours: only such a text ever becomes part of a path.</summary>
    public static bool IsId(string? id) => id is { Length: IdLength } && !id.AsSpan().ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The last part of what may be a path of any system, without control and direction characters, at most 255 long; <c>file</c> when nothing is left.</summary>
    public static string Clean(string? name)
    {
        var text = new StringBuilder();
        var last = (name ?? "").Split('/', '\\')[^1];
        foreach (var rune in last.EnumerateRunes())
        {
            var keep = !Rune.IsControl(rune) && Rune.GetUnicodeCategory(rune) is not (System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.PrivateUse)
                && rune != Rune.ReplacementChar && rune.Value is not ('"' or ':' or '<' or '>' or '|' or '*' or '?');
            if (keep && text.Length + rune.Utf16SequenceLength <= MaxNameLength)
                text.Append(rune.ToString());
        }
        var cleaned = text.ToString().Trim(' ', '.');
        return cleaned.Length == 0 ? "file" : cleaned;
    }

    /// <summary><c>type/subtype</c> in lower case; anything odd is <c>application/octet-stream</c>.</summary>
    public static string CleanType(string? type)
    {
        var essence = (type ?? "").Split(';')[0].Trim().ToLowerInvariant();
        var parts = essence.Split('/');
        return essence.Length <= MaxTypeLength && parts.Length == 2 && parts.All(static part => part.Length > 0 && part.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$&-^_.+".Contains(c)))
            ? essence
            : Unknown;
    }

    public static string ServedAs(string type) => s_served.Contains(type) ? type : Unknown;
}
