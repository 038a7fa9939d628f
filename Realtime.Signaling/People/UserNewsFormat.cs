using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Realtime.Signaling.People;

/// <summary>
/// An event for a user between replicas: <c>1 BOOT ID KEY USER NAME\n</c>, then the payload's JSON. BOOT is the sender's, ID <c>-</c> for what is not durable, KEY <c>-</c> for
/// what is not conflated. <see cref="TryRead"/> never throws.
/// </summary>
static class UserNewsFormat
{
    /// <summary>More than the largest payload (a direct message with its extras).</summary>
    public const int MaxBytes = 256 * 1024;

    const int MaxHeaderBytes = 1024;
    const int Fields = 6;
    const string Nothing = "-";

    public static byte[] Write(string boot, string? id, string? key, string user, string name, ReadOnlySpan<byte> payload)
    {
        var header = Encoding.UTF8.GetBytes($"1 {boot} {id ?? Nothing} {key ?? Nothing} {user} {name}\n");
        var message = new byte[header.Length + payload.Length];
        header.CopyTo(message, 0);
        payload.CopyTo(message.AsSpan(header.Length));
        return message;
    }

    public static bool TryRead(ReadOnlyMemory<byte> message, [NotNullWhen(true)] out UserMessage? read)
    {
        read = null;
        var end = message.Span[..Math.Min(message.Length, MaxHeaderBytes)].IndexOf((byte)'\n');
        if (end < 0 || message.Length > MaxBytes)
            return false;
        var fields = Encoding.UTF8.GetString(message.Span[..end]).Split(' ');
        if (fields.Length != Fields || fields[0] != "1" || fields.Any(static field => field.Length == 0))
            return false;
        read = new UserMessage(fields[1], NullIfNothing(fields[2]), NullIfNothing(fields[3]), fields[4], fields[5], message[(end + 1)..]);
        return true;
    }

    static string? NullIfNothing(string field) => field == Nothing ? null : field;
}

/// <summary>What <see cref="UserNewsFormat"/> carries.</summary>
sealed record UserMessage(string Boot, string? Id, string? Key, string User, string Name, ReadOnlyMemory<byte> Payload);
