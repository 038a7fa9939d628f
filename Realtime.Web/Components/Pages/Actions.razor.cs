using Microsoft.AspNetCore.Components;
using Realtime.Web.Live;

namespace Realtime.Web.Components.Pages;

/// <summary>The action log of one process, live, filtered; and the debug mode of its components.</summary>
public partial class Actions
{
    const string OfNode = "node:";
    const string OfReplica = "replica:";

    /// <summary>Which process, from the form: <c>replica:NAME</c> or <c>node:NAME</c>.</summary>
    [SupplyParameterFromQuery(Name = "process")]
    string? Chosen { get; set; }

    [SupplyParameterFromQuery(Name = "replica")]
    string? GivenReplica { get; set; }

    [SupplyParameterFromQuery(Name = "node")]
    string? GivenNode { get; set; }

    [SupplyParameterFromQuery(Name = "component")]
    string? Component { get; set; }

    [SupplyParameterFromQuery(Name = "user")]
    string? User { get; set; }

    [SupplyParameterFromQuery(Name = "room")]
    string? Room { get; set; }

    [SupplyParameterFromQuery(Name = "trace")]
    string? Trace { get; set; }

    [Inject]
    ReplicaWatch Replicas { get; set; } = null!;

    [Inject]
    AdminFeed Feed { get; set; } = null!;

    string? Node => Chosen is null ? GivenNode : Chosen.StartsWith(OfNode, StringComparison.Ordinal) ? Chosen[OfNode.Length..] : null;

    string? Replica => Node is not null ? null
        : Chosen is not null && Chosen.StartsWith(OfReplica, StringComparison.Ordinal) ? Chosen[OfReplica.Length..]
        : GivenReplica ?? Replicas.All.FirstOrDefault(static one => one.Problem is null)?.Name;

    string Process => Node is not null ? OfNode + Node : OfReplica + Replica;

    IEnumerable<(string Value, string Label)> Processes => Replicas.All.Select(static one => (OfReplica + one.Name, one.Name))
        .Concat((Feed.Current.Snapshot?.Nodes ?? []).Select(static node => (OfNode + node.Node, node.Node)));
}
