namespace Realtime.Media.Sdp;

/// <summary>What is wrong with an offer.</summary>
public enum NegotiationErrorCode
{
    /// <summary>More characters, lines, sections or items than allowed.</summary>
    TooLarge,
    /// <summary>A line is not of the form <c>x=…</c>, or stands where it cannot.</summary>
    BadLine,
    BadValue,
    Missing,
    Duplicate,
    /// <summary>Not one BUNDLE group over all sections in use.</summary>
    Bundle,
    /// <summary>Valid, but not what this server speaks.</summary>
    Unsupported,
    /// <summary>An extension id or URI stands for two things.</summary>
    ExtensionConflict,
    /// <summary>Contradicts what was negotiated before.</summary>
    Discontinuity,
}

/// <summary>Why an offer was refused: always the offerer's fault. Holds no secrets: values of credentials are not quoted.</summary>
/// <param name="Field">The line or attribute, for example <c>a=setup</c>.</param>
/// <param name="Section">Index of the m= section; null at session level.</param>
/// <param name="Line">From 1; 0 when the error is not in one line.</param>
public sealed record NegotiationError(NegotiationErrorCode Code, string Field, string Message, int? Section = null, string Mid = "", int Line = 0)
{
    public override string ToString()
    {
        var where = Section is { } index ? $"section {index}{(Mid.Length > 0 ? $" (mid {Mid})" : "")}" : "session";
        return Line > 0 ? $"{where}, line {Line}, {Field}: {Message}" : $"{where}, {Field}: {Message}";
    }
}
