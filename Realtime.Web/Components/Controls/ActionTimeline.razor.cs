using System.Globalization;
using Microsoft.AspNetCore.Components;
using Realtime.Contracts;

namespace Realtime.Web.Components.Controls;

/// <summary>Actions in their order, each with how long before the end it was; those about the user or room concerned stand out.</summary>
public partial class ActionTimeline
{
    [Parameter, EditorRequired]
    public required IReadOnlyList<ActionEntry> Actions { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset End { get; set; }

    [Parameter]
    public string? User { get; set; }

    [Parameter]
    public string? Room { get; set; }

    bool Concerns(ActionEntry entry) => (User is not null && entry.User == User) || (Room is not null && entry.Room == Room);

    string Before(ActionEntry entry)
    {
        var seconds = Math.Max(0, (End - entry.Time).TotalSeconds);
        return seconds < 120 ? string.Create(CultureInfo.InvariantCulture, $"−{seconds:0.000} s") : string.Create(CultureInfo.InvariantCulture, $"−{seconds / 60:0} min");
    }
}
