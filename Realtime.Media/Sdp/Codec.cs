using Realtime.Media.Core;

namespace Realtime.Media.Sdp;

/// <summary>One payload type of a section: rtpmap, fmtp and rtcp-fb lines together (RFC 8866 §6.6, §6.15, RFC 4585 §4.2).</summary>
/// <param name="Channels">1 unless the rtpmap says otherwise.</param>
public sealed record Codec(PayloadType PayloadType, string Name, int ClockRate, int Channels = 1)
{
    public const string Rtx = "rtx";
    public const string Red = "red";

    /// <summary>The fmtp line after the payload type, as it came; empty without one.</summary>
    public string FormatParameters { get; init; } = "";

    /// <summary>For example <c>nack pli</c>, lines for all payload types (<c>*</c>) included.</summary>
    public IReadOnlyList<string> Feedback { get; init; } = [];

    /// <summary>What an RTX stream repairs (RFC 4588 §8.6), and what RED repeats (RFC 2198 §5).</summary>
    public PayloadType? AssociatedPayloadType { get; init; }

    public bool IsRtx => Is(Rtx);

    public bool IsRed => Is(Red);

    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    public bool HasFeedback(string feedback) => Feedback.Contains(feedback, StringComparer.OrdinalIgnoreCase);

    /// <summary>One parameter of <c>a=1;b=2</c>; null without it. A parameter without value is empty.</summary>
    public string? Parameter(string name)
    {
        foreach (var part in FormatParameters.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            var key = equals < 0 ? part : part[..equals].TrimEnd();
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase)) return equals < 0 ? "" : part[(equals + 1)..].TrimStart();
        }

        return null;
    }
}
