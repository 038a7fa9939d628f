using Realtime.Contracts;
using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Moderation;

/// <summary>Whom a direct message may go to.</summary>
public static class DirectRules
{
    /// <summary>All members, the sender included, each once and sorted; null when <paramref name="refusal"/> says why not.</summary>
    public static IReadOnlyList<string>? Members(string sender, IReadOnlyList<string>? to, out RealtimeError? refusal)
    {
        refusal = null;
        if (to is not { Count: > 0 })
            refusal = new(ErrorCode.Invalid, "To whom?", "to");
        else if (to.Count > DirectName.MaxOthers)
            refusal = new(ErrorCode.TooLarge, $"At most {DirectName.MaxOthers} others.", "to");
        else if (!to.All(NameRules.IsUser))
            refusal = new(ErrorCode.Invalid, "User ids.", "to");
        else if (to.Contains(sender, StringComparer.Ordinal) || to.Distinct(StringComparer.Ordinal).Count() != to.Count)
            refusal = new(ErrorCode.Invalid, "Others than yourself, each once.", "to");
        return refusal is null ? [.. to!.Append(sender).Order(StringComparer.Ordinal)] : null;
    }
}
