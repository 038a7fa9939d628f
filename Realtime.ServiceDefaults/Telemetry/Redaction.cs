using System.Text.RegularExpressions;

namespace Realtime.ServiceDefaults.Telemetry;

/// <summary>
/// Takes out of exceptions' messages what somebody may have sent: what stands in quotes, and what looks like a token, a key or a long number. The framework and our own code quote what they
/// were given; what is left says which rule was broken, and the stack says where.
/// </summary>
public static partial class Redaction
{
    const string Taken = "…";
    const int MaxLength = 4096;

    public static string Of(string message)
    {
        if (message.Length > MaxLength)
            message = message[..MaxLength];
        try
        {
            return Opaque().Replace(Quoted().Replace(message, static match => $"{match.Value[0]}{Taken}{(IsClosed(match.ValueSpan) ? match.Value[^1..] : "")}"), Taken);
        }
        catch (RegexMatchTimeoutException)
        {
            return Taken;
        }
    }

    /// <summary>Of an exception, whose code may itself throw.</summary>
    public static string MessageOf(Exception exception)
    {
        try
        {
            return Of(exception.Message);
        }
        catch (Exception thrown)
        {
            return $"(reading it threw {thrown.GetType().Name})";
        }
    }

    /// <summary>False: the quote goes on to the end of the message.</summary>
    static bool IsClosed(ReadOnlySpan<char> quoted) => quoted.Length > 1 && (quoted[0], quoted[^1]) is ('"', '"') or ('\'', '\'') or ('`', '`') or ('“', '”') or ('‘', '’') or ('«', '»');

    /// <summary>In straight, curly or pointed quotes, or behind a quote that never ends.</summary>
    [GeneratedRegex("""
        "[^"]*("|$)|“[^”]*(”|$)|‘[^’]*(’|$)|`[^`]*(`|$)|«[^»]*(»|$)|(?<![A-Za-z0-9])'[^']*('(?![A-Za-z])|$)
        """, RegexOptions.IgnorePatternWhitespace, matchTimeoutMilliseconds: 100)]
    private static partial Regex Quoted();

    /// <summary>JWTs, base64 and hexadecimal of 20 characters and more that mix letters and digits; <c>whsec_…</c>; what follows <c>Bearer</c>.</summary>
    [GeneratedRegex(@"\b(whsec_|Bearer\s+|Basic\s+)\S+|(?=[A-Za-z0-9_+/=.-]*\d)(?=[A-Za-z0-9_+/=.-]*[A-Za-z])[A-Za-z0-9_+/=-]{20,}(\.[A-Za-z0-9_+/=-]+)*", RegexOptions.None, matchTimeoutMilliseconds: 100)]
    private static partial Regex Opaque();
}
