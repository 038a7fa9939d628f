using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Boards;

/// <summary>What somebody with power did, the newest entry first.</summary>
public partial class AuditBoard
{
    [Parameter]
    public string? Actor { get; set; }

    [Parameter]
    public string? Target { get; set; }

    [Parameter]
    public string? Channel { get; set; }

    [Parameter]
    public string? Action { get; set; }

    [Parameter]
    public string? After { get; set; }

    Answer<Page<AuditEntry>> Found { get; set; } = new(null, "");

    protected override async Task OnInitializedAsync() => Found = await Signaling.GetAsync<Page<AuditEntry>>(Query(
        "/api/audit?newest=true&limit=50", ("actor", Actor?.Trim()), ("target", Target?.Trim()), ("channel", Channel?.Trim()), ("action", Action?.Trim()), ("after", After)));
}
