using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Pages;

/// <summary>Asks before an account goes.</summary>
public partial class AccountRemoval
{
    [SupplyParameterFromQuery(Name = "name")]
    string? Name { get; set; }
}
