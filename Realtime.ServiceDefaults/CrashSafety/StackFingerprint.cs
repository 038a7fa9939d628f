using System.Security.Cryptography;
using System.Text;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Telemetry;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>Exceptions as data, and a hash that is equal for the same fault: types and methods count, messages and line numbers do not.</summary>
static class StackFingerprint
{
    const int MaxDepth = 8;
    const int MaxText = 16 * 1024;

    public static CrashException Describe(Exception exception) => Describe(exception, 1);

    static CrashException Describe(Exception exception, int depth) => new(
        exception.GetType().FullName ?? exception.GetType().Name,
        Redaction.MessageOf(exception),
        Cut(Read(exception, static e => e.StackTrace)),
        exception.InnerException is { } inner && depth < MaxDepth ? Describe(inner, depth + 1) : null);

    /// <summary>16 hexadecimal digits. <paramref name="place"/> tells exceptions apart that were never thrown and have no stack.</summary>
    public static string Hash(CrashException exception, string place)
    {
        var text = new StringBuilder();
        for (var current = exception; current is not null; current = current.Inner)
        {
            text.Append(current.Type).Append('\n');
            if (current.Stack is null)
            {
                text.Append(place).Append('\n');
                continue;
            }
            foreach (var line in current.Stack.AsSpan().EnumerateLines())
            {
                var file = line.IndexOf(" in ", StringComparison.Ordinal);
                text.Append(file < 0 ? line : line[..file]).Append('\n');
            }
        }
        return Hash(text.ToString());
    }

    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));

    /// <summary>An exception type may override these with code that throws: then the report says so.</summary>
    static string? Read(Exception exception, Func<Exception, string?> member)
    {
        try
        {
            return member(exception);
        }
        catch (Exception thrown)
        {
            return $"(reading it threw {thrown.GetType().Name})";
        }
    }

    static string? Cut(string? text) => text is { Length: > MaxText } ? text[..MaxText] : text;
}
