using Realtime.Contracts;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Boards;

/// <summary>Who is kept out or held up, and the limits themselves, changed without a restart.</summary>
public partial class LimitsBoard
{
    IReadOnlyList<(string Name, Answer<LimitsReport> Answer)> Reports { get; set; } = [];

    LimitsReport? Newest => Reports.Select(static one => one.Answer.Value).FirstOrDefault(static report => report is not null);

    protected override async Task OnInitializedAsync() => Reports = await Task.WhenAll(Replicas.All.Where(static one => one.Problem is null)
        .Select(async one => (one.Name, await Signaling.GetAsync<LimitsReport>($"/api/limits?replica={Uri.EscapeDataString(one.Name)}"))));
}
