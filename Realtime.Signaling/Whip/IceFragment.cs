using System.Diagnostics.CodeAnalysis;
using Realtime.Contracts;

namespace Realtime.Signaling.Whip;

/// <summary>
/// The body of a PATCH: <c>application/trickle-ice-sdpfrag</c> (RFC 8840 §9). Of its candidates only the form is checked: the server is ICE-lite and learns where a client
/// is from its connectivity checks.
/// </summary>
/// <param name="Ufrag">The client's; null when the fragment names none.</param>
public sealed record IceFragment(string? Ufrag, string? Pwd)
{
    public const int MaxBytes = 16 * 1024;

    const int MaxLines = 512;

    /// <summary>Exactly one of <paramref name="fragment"/> and <paramref name="error"/> is set. Never throws.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out IceFragment? fragment, [NotNullWhen(false)] out RealtimeError? error)
    {
        string? ufrag = null, pwd = null;
        var (lines, attributes) = (0, 0);
        fragment = null;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            var line = raw.Trim(' ');
            if (line.IsEmpty)
                continue;
            if (++lines > MaxLines)
                return Refuse(ErrorCode.TooLarge, $"A fragment has at most {MaxLines} lines.", null, out error);
            if (line.Length < 2 || line[1] != '=' || !char.IsAsciiLetterLower(line[0]) || line.ContainsAnyInRange('\0', '\x1f'))
                return Refuse(ErrorCode.Invalid, $"Line {lines} is not of the form x=….", null, out error);
            if (line[0] != 'a')
                continue;
            attributes++;
            var (name, value) = Split(line[2..]);
            switch (name)
            {
                case "ice-ufrag" when !IsIceText(value, 4) || (ufrag is not null && value != ufrag):
                    return Refuse(ErrorCode.Invalid, "One ufrag of 4 to 256 ice-chars is expected.", "a=ice-ufrag", out error);
                case "ice-ufrag":
                    ufrag = value;
                    break;
                case "ice-pwd" when !IsIceText(value, 22) || (pwd is not null && value != pwd):
                    return Refuse(ErrorCode.Invalid, "One password of 22 to 256 ice-chars is expected.", "a=ice-pwd", out error);
                case "ice-pwd":
                    pwd = value;
                    break;
                case "candidate" when !IsCandidate(value):
                    return Refuse(ErrorCode.Invalid, $"Line {lines} is no candidate: foundation, component, transport, priority, address, port, typ and a type are expected.", "a=candidate", out error);
            }
        }

        if (attributes == 0)
            return Refuse(ErrorCode.Invalid, "The fragment says nothing.", null, out error);
        if (ufrag is null != pwd is null)
            return Refuse(ErrorCode.Invalid, "A ufrag and its password belong together.", ufrag is null ? "a=ice-ufrag" : "a=ice-pwd", out error);
        fragment = new IceFragment(ufrag, pwd);
        error = null;
        return true;
    }

    static bool Refuse(string code, string message, string? field, out RealtimeError error)
    {
        error = new RealtimeError(code, message, field);
        return false;
    }

    static (string Name, string Value) Split(ReadOnlySpan<char> attribute)
    {
        var colon = attribute.IndexOf(':');
        return colon < 0 ? (attribute.ToString(), "") : (attribute[..colon].ToString(), attribute[(colon + 1)..].ToString());
    }

    static bool IsIceText(string text, int minimum) =>
        text.Length >= minimum && text.Length <= 256 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/');

    /// <summary>RFC 8839 §5.1. Transports and addresses we do not know are fine: such a candidate is passed over (RFC 9725 §4.3.2).</summary>
    static bool IsCandidate(string value) =>
        value.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [{ Length: <= 32 }, var component, _, var priority, _, var port, "typ", _, ..]
        && byte.TryParse(component, out _) && uint.TryParse(priority, out _) && ushort.TryParse(port, out _);
}
