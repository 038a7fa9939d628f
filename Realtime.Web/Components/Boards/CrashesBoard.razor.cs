using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Boards;

/// <summary>Crash reports by stack, the one seen last first.</summary>
public partial class CrashesBoard
{
    const int PageSize = 25;

    [Parameter]
    public string? Search { get; set; }

    [Parameter]
    public string? After { get; set; }

    Answer<IReadOnlyList<CrashGroup>> Groups { get; set; } = new(null, "");

    protected override async Task OnInitializedAsync() =>
        Groups = await Signaling.GetAsync<IReadOnlyList<CrashGroup>>(Query($"/api/crashes?limit={PageSize}", ("search", Search?.Trim()), ("after", After)));
}
