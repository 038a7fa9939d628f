using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Pages;

/// <summary>Who is banned or timed out, and where.</summary>
public partial class Moderation
{
    [SupplyParameterFromQuery(Name = "search")]
    string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "after")]
    string? After { get; set; }
}
