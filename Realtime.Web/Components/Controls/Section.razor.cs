using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Controls;

/// <summary>A titled part of the board that says so when there is nothing in it.</summary>
public partial class Section
{
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    [Parameter, EditorRequired]
    public required int Count { get; set; }

    [Parameter, EditorRequired]
    public required string Empty { get; set; }

    [Parameter]
    public RenderFragment? ChildContent { get; set; }
}
