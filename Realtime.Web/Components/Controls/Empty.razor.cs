using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Controls;

/// <summary>Says that there is nothing, and why.</summary>
public partial class Empty
{
    [Parameter, EditorRequired]
    public required string Text { get; set; }
}
