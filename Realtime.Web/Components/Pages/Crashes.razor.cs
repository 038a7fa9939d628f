using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Pages;

/// <summary>Crash reports by stack. An incident's id leads straight to its report.</summary>
public partial class Crashes
{
    [SupplyParameterFromQuery(Name = "search")]
    string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "after")]
    string? After { get; set; }

    [CascadingParameter]
    HttpContext Http { get; set; } = null!;

    protected override void OnInitialized()
    {
        if (Guid.TryParse(Search?.Trim(), out var incident))
            Http.Response.Redirect($"/console/crashes/{incident:N}");
    }
}
