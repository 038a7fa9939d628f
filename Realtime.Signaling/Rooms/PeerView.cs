using Realtime.Contracts;
using Realtime.Contracts.MediaControl;

namespace Realtime.Signaling.Rooms;

/// <summary>A participant as its node last told it, with what it was asked to offer and what plays in its sections.</summary>
public sealed class PeerView(ParticipantInfo info, string? token = null)
{
    readonly Dictionary<string, SectionBoundEvent> _bindings = new(StringComparer.Ordinal);

    public ParticipantInfo Info { get; set; } = info;

    /// <summary>As its node told last; null before.</summary>
    public ConnectionQuality? Quality { get; set; }

    /// <summary>The token an HTTP session was opened with.</summary>
    public string? Token { get; } = token;

    public string State { get; private set; } = "new";
    public SectionsNeededEvent? Sections { get; private set; }
    public IReadOnlyCollection<SectionBoundEvent> Bindings => _bindings.Values;

    public bool TakeState(string state)
    {
        if (State == state)
            return false;
        State = state;
        return true;
    }

    public bool TakeSections(SectionsNeededEvent sections)
    {
        if (Sections is { } known && known.Audio == sections.Audio && known.Video == sections.Video)
            return false;
        Sections = sections;
        return true;
    }

    public bool TakeBinding(SectionBoundEvent bound)
    {
        var known = _bindings.GetValueOrDefault(bound.Mid);
        if (bound.Track is null)
        {
            _bindings.Remove(bound.Mid);
            return known is not null;
        }

        _bindings[bound.Mid] = bound;
        return known is null || known.Track != bound.Track || known.Publisher != bound.Publisher;
    }
}
