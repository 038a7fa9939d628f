using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Realtime.Signaling.Moderation;

/// <summary>
/// The name of the channel in which some people talk directly: <c>dm:</c> and the SHA-256 (base64url) of their sorted ids. Whoever writes first, it is the same one; knowing it helps
/// nobody, because membership alone opens it.
/// </summary>
public static class DirectName
{
    public const string Prefix = "dm:";

    /// <summary>Besides the one who writes.</summary>
    public const int MaxOthers = 9;

    /// <param name="members">All of them, in any order. Ids hold no line feed, so no two sets are written alike.</param>
    public static string Of(IEnumerable<string> members)
    {
        var text = string.Join('\n', members.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        return Prefix + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Prefix and hash.</summary>
    const int Length = 3 + 43;

    /// <summary>Whether a direct channel can have this name.</summary>
    public static bool IsOne(string channel) => channel.Length == Length && channel.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Names that are kept for direct channels, also those that only look like it.</summary>
    public static bool IsReserved(string channel) => channel.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
}
