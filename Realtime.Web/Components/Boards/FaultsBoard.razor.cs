using Realtime.Web.Model;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Boards;

/// <summary>What goes wrong on purpose, process by process.</summary>
public partial class FaultsBoard
{
    IReadOnlyList<(string Name, string Field, Answer<IReadOnlyList<ArmedFault>> Answer)> Processes { get; set; } = [];

    protected override async Task OnInitializedAsync()
    {
        var places = Replicas.All.Where(static one => one.Problem is null).Select(static one => (one.Name, Field: "replica"))
            .Concat(View.Nodes.Where(static node => node.State != "lost").Select(static node => (node.Node, Field: "node")));
        Processes = await Task.WhenAll(places.Select(async place =>
            (place.Item1, place.Field, await Signaling.GetAsync<IReadOnlyList<ArmedFault>>($"/admin/faults?{place.Field}={Uri.EscapeDataString(place.Item1)}"))));
    }
}
