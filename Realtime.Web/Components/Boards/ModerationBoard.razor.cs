using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Boards;

/// <summary>Bans and time-outs in force in all channels, the newest first.</summary>
public partial class ModerationBoard
{
    [Parameter]
    public string? Search { get; set; }

    [Parameter]
    public string? After { get; set; }

    Answer<Page<RestrictionInfo>> Found { get; set; } = new(null, "");

    protected override async Task OnInitializedAsync() =>
        Found = await Signaling.GetAsync<Page<RestrictionInfo>>(Query("/api/moderation?limit=50", ("search", Search?.Trim()), ("after", After)));
}
