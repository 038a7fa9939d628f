using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Pages;

/// <summary>The reports of one stack, the newest first.</summary>
public partial class CrashStack
{
    const int PageSize = 50;

    [Parameter]
    public string Hash { get; set; } = "";

    [SupplyParameterFromQuery(Name = "after")]
    string? After { get; set; }

    [Inject]
    IServiceProvider Services { get; set; } = null!;

    Answer<IReadOnlyList<CrashSummary>> Reports { get; set; } = new(null, "");

    protected override async Task OnInitializedAsync() => Reports = await Services.GetRequiredService<SignalingClient>()
        .GetAsync<IReadOnlyList<CrashSummary>>($"/api/crashes?hash={Uri.EscapeDataString(Hash)}&limit={PageSize}{(After is null ? "" : $"&after={Uri.EscapeDataString(After)}")}");
}
