using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Pages;

/// <summary>Name and password.</summary>
public partial class SignIn
{
    /// <summary>Where to afterwards.</summary>
    [SupplyParameterFromQuery(Name = "back")]
    string? Back { get; set; }
}
