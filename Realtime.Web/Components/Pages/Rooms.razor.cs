using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Pages;

/// <summary>The rooms, fullest first.</summary>
public partial class Rooms
{
    [SupplyParameterFromQuery(Name = "search")]
    string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "after")]
    string? After { get; set; }
}
