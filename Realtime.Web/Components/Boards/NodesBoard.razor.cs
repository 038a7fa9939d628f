using Realtime.Web.Model;

namespace Realtime.Web.Components.Boards;

/// <summary>Media nodes and signaling replicas: load, drain, profiles.</summary>
public partial class NodesBoard
{
    IReadOnlyList<(string Process, string Query, ProfileEntry Profile)> Profiles { get; set; } = [];

    protected override async Task OnInitializedAsync()
    {
        var nodes = View.Nodes.Where(static node => node.State != "lost").Select(static node => (node.Node, Query: $"node={Uri.EscapeDataString(node.Node)}"));
        var replicas = Replicas.All.Where(static one => one.Problem is null).Select(static one => (one.Name, Query: $"replica={Uri.EscapeDataString(one.Name)}"));
        var lists = await Task.WhenAll(nodes.Concat(replicas).Select(async one => (Process: one.Item1, one.Query, Answer: await Signaling.GetAsync<IReadOnlyList<ProfileEntry>>($"/admin/profile?{one.Query}"))));
        Profiles = [.. lists.SelectMany(static one => (one.Answer.Value ?? []).Select(profile => (one.Process, one.Query, profile))).OrderByDescending(static one => one.profile.Time)];
    }
}
