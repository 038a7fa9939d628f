using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Pages;

/// <summary>One room.</summary>
public partial class Room
{
    [Parameter]
    public string Name { get; set; } = "";

    [SupplyParameterFromQuery(Name = "after")]
    string? After { get; set; }
}
