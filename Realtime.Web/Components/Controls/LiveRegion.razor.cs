using Microsoft.AspNetCore.Components;
using Realtime.Web.Live;

namespace Realtime.Web.Components.Controls;

/// <summary>A part of a page that stays live: it arrives complete, and <c>Client/console</c> puts in what changes.</summary>
public partial class LiveRegion
{
    /// <summary>One of <see cref="LiveView.All"/>.</summary>
    [Parameter, EditorRequired]
    public required string View { get; set; }

    [Parameter]
    public Dictionary<string, string?> Arguments { get; set; } = [];

    LiveView Found => LiveView.All[View];

    string Address => $"{LiveEndpoint.Path}/{View}?{string.Join('&', Arguments.Where(static pair => pair.Value is { Length: > 0 }).Select(static pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"))}";
}
