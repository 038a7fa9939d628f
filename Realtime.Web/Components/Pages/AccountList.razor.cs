using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Pages;

/// <summary>Who may see the console, and who may act.</summary>
public partial class AccountList
{
    [Inject]
    Access.Accounts Accounts { get; set; } = null!;
}
