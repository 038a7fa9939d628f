using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Controls;

/// <summary>From page to page of a list; pages are made by signaling.</summary>
public partial class Pager
{
    /// <summary>The page without <c>after</c>: filters alone.</summary>
    [Parameter]
    public string First { get; set; } = "?";

    /// <summary>Null: this is the last page.</summary>
    [Parameter, EditorRequired]
    public required string? Next { get; set; }

    [Parameter, EditorRequired]
    public required bool IsFirst { get; set; }
}
