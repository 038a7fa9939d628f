using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Presence;

/// <summary>
/// What may be said about what one is doing: a text, or <c>{type?, name, details?}</c>. What is no text but a trick (<see cref="TextRules"/>) and unknown members are
/// dropped; what is too long is refused, not cut.
/// </summary>
public static class ActivityRules
{
    public const int MaxNameLength = 128;
    public const int MaxTypeLength = 32;
    public const int MaxDetailsLength = 256;

    /// <summary>As it was sent, unknown members included.</summary>
    public const int MaxRawLength = 4096;

    /// <summary>Null when it could be read (<paramref name="activity"/> is null then when there is none), otherwise the refusal.</summary>
    public static RealtimeError? Read(JsonElement? given, out UserActivity? activity)
    {
        activity = null;
        if (given is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } element)
            return null;
        if (element.GetRawText().Length > MaxRawLength)
            return TooLarge($"An activity takes at most {MaxRawLength} characters.");
        if (element.ValueKind is not (JsonValueKind.String or JsonValueKind.Object))
            return Invalid("A text, or {type?, name, details?}.");
        var isText = element.ValueKind == JsonValueKind.String;
        string? type = null, details = null;
        if (!TryReadText(isText ? element : Member(element, "name"), MaxNameLength, out var name) || name is null)
            return Invalid($"An activity's name has 1 to {MaxNameLength} characters.");
        if (!isText && !TryReadText(Member(element, "type"), MaxTypeLength, out type))
            return Invalid($"An activity's type has at most {MaxTypeLength} characters.");
        if (!isText && !TryReadText(Member(element, "details"), MaxDetailsLength, out details))
            return Invalid($"An activity's details have at most {MaxDetailsLength} characters.");
        activity = new UserActivity(name, type, details);
        return null;
    }

    static JsonElement? Member(JsonElement element, string name) => element.TryGetProperty(name, out var member) ? member : null;

    /// <summary>False: no text, or too long. Null: nothing is left of it.</summary>
    static bool TryReadText(JsonElement? element, int maxLength, out string? text)
    {
        text = null;
        if (element is not { ValueKind: not JsonValueKind.Null } given)
            return true;
        if (given.ValueKind != JsonValueKind.String)
            return false;
        string raw;
        try
        {
            raw = given.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped: no text.
            return false;
        }
        var clean = TextRules.CleanLine(raw);
        text = clean.Length == 0 ? null : clean;
        return clean.Length <= maxLength;
    }

    static RealtimeError Invalid(string message) => new(ErrorCode.Invalid, message, "activity");

    static RealtimeError TooLarge(string message) => new(ErrorCode.TooLarge, message, "activity");
}
