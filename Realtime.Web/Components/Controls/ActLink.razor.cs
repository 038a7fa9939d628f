using Microsoft.AspNetCore.Components;
using Realtime.Web.Actions;

namespace Realtime.Web.Components.Controls;

/// <summary>Leads to the question whether something is to be done. Viewers do not see it, and are refused.</summary>
public partial class ActLink
{
    /// <summary>One of <see cref="ConsoleActions.All"/>.</summary>
    [Parameter, EditorRequired]
    public required string Name { get; set; }

    /// <summary>Target and other fields; what is null is left out.</summary>
    [Parameter]
    public IReadOnlyList<(string Field, string? Value)> Fields { get; set; } = [];

    /// <summary>Default: the action's own.</summary>
    [Parameter]
    public string? Label { get; set; }

    /// <summary>For screen readers: in a list of many, what this one is about.</summary>
    [Parameter]
    public string? For { get; set; }

    ConsoleAction Action => ConsoleActions.All[Name];

    bool IsGrave => Action.IsGrave;

    string Address => $"/console/act/{Name}?{string.Join('&', Fields.Where(static pair => pair.Value is { Length: > 0 }).Select(static pair => $"{pair.Field}={Uri.EscapeDataString(pair.Value!)}"))}";
}
