using System.Diagnostics.CodeAnalysis;

namespace Realtime.Media.Sdp;

/// <summary>Reads a session description (RFC 8866) into its model; sizes are checked before anything is read. Never throws.</summary>
public static class SdpReader
{
    const string TooMany = "too many";

    public static bool TryRead(
        string sdp,
        SdpLimits limits,
        [NotNullWhen(true)] out SessionDescription? description,
        [NotNullWhen(false)] out NegotiationError? error)
    {
        description = null;
        if (sdp.Length > limits.Length)
        {
            error = new NegotiationError(NegotiationErrorCode.TooLarge, "sdp", $"at most {limits.Length} characters");
            return false;
        }

        var session = new SessionBuilder(limits);
        var sections = new List<SectionBuilder>();
        var count = 0;
        foreach (var line in new SdpLines(sdp))
        {
            error = ++count > limits.Lines
                ? new NegotiationError(NegotiationErrorCode.TooLarge, "sdp", $"at most {limits.Lines} lines", Line: line.Number)
                : count == 1 && (line.Type != 'v' || line.Value is not "0")
                    ? new NegotiationError(NegotiationErrorCode.BadLine, "v=", "v=0 expected first", Line: line.Number)
                    : TakeLine(line, session, sections, limits);
            if (error is not null) return false;
        }

        if (sections.Count == 0)
        {
            error = new NegotiationError(NegotiationErrorCode.Missing, "m=", "no section");
            return false;
        }

        error = null;
        description = new SessionDescription
        {
            BundleGroups = session.BundleGroups,
            IsIceLite = session.IsIceLite,
            Sections = [.. sections.Select(section => section.Build(session))],
        };
        return true;
    }

    static NegotiationError? TakeLine(SdpLine line, SessionBuilder session, List<SectionBuilder> sections, SdpLimits limits)
    {
        string? problem;
        switch (line.Type)
        {
            case 'm':
                if (sections.Count == limits.Sections)
                {
                    return new NegotiationError(NegotiationErrorCode.TooLarge, "m=", $"at most {limits.Sections} sections", sections.Count, Line: line.Number);
                }

                var section = new SectionBuilder(sections.Count, limits);
                sections.Add(section);
                problem = section.TakeMediaLine(line.Value);
                return problem is null ? null : Error("m=", problem, section, line.Number);
            case 'a':
                line.SplitAttribute(out var name, out var value);
                var current = sections.Count > 0 ? sections[^1] : null;
                problem = current is null ? session.TakeAttribute(name, value) : current.TakeAttribute(name, value);
                return problem is null ? null : Error($"a={name}", problem, current, line.Number);
            case '\0':
                return new NegotiationError(
                    NegotiationErrorCode.BadLine, "sdp", "x=value expected", sections.Count > 0 ? sections[^1].Index : null, Line: line.Number);
            default:
                return null;
        }
    }

    static NegotiationError Error(string field, string problem, SectionBuilder? section, int line) => new(
        problem.StartsWith(TooMany, StringComparison.Ordinal) ? NegotiationErrorCode.TooLarge : NegotiationErrorCode.BadValue,
        field, problem, section?.Index, section?.Mid ?? "", line);
}
