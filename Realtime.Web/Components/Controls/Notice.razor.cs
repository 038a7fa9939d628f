using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Controls;

/// <summary>Something that is not as it should be.</summary>
public partial class Notice
{
    [Parameter, EditorRequired]
    public required string? Text { get; set; }

    /// <summary><c>warn</c>, <c>bad</c> or <c>good</c>.</summary>
    [Parameter]
    public string Mood { get; set; } = "warn";

    [Parameter]
    public RenderFragment? ChildContent { get; set; }
}
