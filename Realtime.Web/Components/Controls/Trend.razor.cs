using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Controls;

/// <summary>How often in each of the last 24 hours.</summary>
public partial class Trend
{
    [Parameter, EditorRequired]
    public required IReadOnlyList<int> Values { get; set; }

    int Top => Math.Max(1, Values.Max());
}
