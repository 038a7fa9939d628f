using System.Globalization;
using System.Text;

namespace Realtime.Signaling.Channels;

/// <summary>
/// What people write stays what it is: text, never markup, so nothing in it is escaped here and every page shows it as text. What is taken out are characters that are no
/// text but tricks: controls, bidirectional overrides and embeddings that turn round what stands beside them, invisible fillers, towers of combining marks (Unicode TR36, TR39).
/// </summary>
public static class TextRules
{
    /// <summary>Marks on one letter; no script needs more.</summary>
    public const int MaxCombining = 8;

    const int BlackFlag = 0x1F3F4;

    /// <summary>A text of several lines, in one form of line end; empty when nothing of it can be seen.</summary>
    public static string Clean(string text) => Clean(text, lines: true) is var clean && IsBlank(clean) ? "" : clean;

    /// <summary>A title or a name, in one line; empty when nothing of it can be seen.</summary>
    public static string CleanLine(string text) => Clean(text, lines: false).Trim() is var clean && IsBlank(clean) ? "" : clean;

    static bool IsBlank(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark)
                && !IsFiller(rune.Value))
            {
                return false;
            }
        }
        return true;
    }

    static string Clean(string text, bool lines)
    {
        if (IsPlain(text, lines))
            return text;
        var clean = new StringBuilder(text.Length);
        var combining = 0;
        var joiner = false;
        var flag = false;
        var carriage = false;
        // A half of a pair comes as U+FFFD.
        foreach (var rune in text.EnumerateRunes())
        {
            var value = rune.Value;
            var afterCarriage = carriage;
            carriage = value == '\r';
            if (value == '\n' && afterCarriage)
                continue;
            if (value is '\r' or '\n' or 0x85 or 0x2028 or 0x2029)
            {
                clean.Append(lines ? '\n' : ' ');
                (combining, joiner, flag) = (0, false, false);
                continue;
            }
            if (value == '\t')
            {
                clean.Append(lines ? '\t' : ' ');
                continue;
            }
            if (IsTag(value) ? !flag : IsTrick(value))
                continue;
            // Joiners shape letters and emoji, one at a time; marks beyond the bound go. What goes changes nothing for what follows.
            var isJoiner = value is 0x200C or 0x200D;
            var isMark = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
            if ((isJoiner && joiner) || (isMark && combining == MaxCombining))
                continue;
            combining = isMark ? combining + 1 : isJoiner ? combining : 0;
            joiner = isJoiner;
            flag = value == BlackFlag || (flag && IsTag(value));
            clean.Append(rune.ToString());
        }
        return clean.ToString();
    }

    /// <summary>Most text: nothing but what is printable in ASCII.</summary>
    static bool IsPlain(string text, bool lines)
    {
        foreach (var c in text)
        {
            if (c is < ' ' or > '~' && !(lines && c is '\n' or '\t'))
                return false;
        }
        return true;
    }

    static bool IsTrick(int value) => value
        // C0 and C1 controls.
        is < ' ' or (>= 0x7F and <= 0x9F)
        // Bidirectional embeddings, overrides and isolates: a page isolates each message by itself.
        or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069)
        // Invisible: zero-width space, word joiner and invisible operators, byte order mark, Mongolian vowel separator, soft hyphen.
        or 0x200B or (>= 0x2060 and <= 0x2065) or 0xFEFF or 0x180E or 0xAD
        // Deprecated format characters, interlinear annotation, object replacement.
        or (>= 0x206A and <= 0x206F) or (>= 0xFFF9 and <= 0xFFFC)
        // No characters at all.
        or (>= 0xFDD0 and <= 0xFDEF) || (value & 0xFFFE) == 0xFFFE;

    /// <summary>Invisible letters, of use only in the flags of England, Scotland and Wales.</summary>
    static bool IsTag(int value) => value is >= 0xE0000 and <= 0xE007F;

    /// <summary>Letters that look like nothing.</summary>
    static bool IsFiller(int value) => value is 0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800;
}
