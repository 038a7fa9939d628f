using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using Realtime.Web.Access;
using Realtime.Web.Actions;

namespace Realtime.Web.Components.Layout;

/// <summary>What all pages of the console share: where one can go, who one is, what was just done.</summary>
public partial class ConsoleLayout
{
    static readonly (string Address, string Label)[] s_entries =
    [
        ("/console", "Overview"),
        ("/console/crashes", "Crashes"),
        ("/console/rooms", "Rooms"),
        ("/console/nodes", "Nodes"),
        ("/console/circuits", "Circuits"),
        ("/console/actions", "Action log"),
        ("/console/deliveries", "Deliveries"),
        ("/console/moderation", "Moderation"),
        ("/console/audit", "Audit"),
        ("/console/limits", "Limits"),
        ("/console/faults", "Faults"),
        ("/console/accounts", "Accounts"),
    ];

    [CascadingParameter]
    HttpContext Http { get; set; } = null!;

    [Inject]
    IServiceProvider Services { get; set; } = null!;

    Note? Note { get; set; }

    string Role => Http.User.FindFirstValue(ClaimTypes.Role) ?? "";

    string Name => Http.User.Identity?.Name ?? "";

    IEnumerable<(string Address, string Label)> Entries =>
        s_entries.Where(entry => (entry.Label != "Faults" || Environment.IsDevelopment()) && (entry.Label != "Accounts" || Role == ConsoleRole.Operator));

    IHostEnvironment Environment => Services.GetRequiredService<IHostEnvironment>();

    protected override void OnInitialized() => Note = Services.GetRequiredService<Notes>().Take(Http);
}
