using Microsoft.AspNetCore.Components;
using Realtime.Contracts;

namespace Realtime.Web.Components.Controls;

/// <summary>The media nodes and their load.</summary>
public partial class NodesSection
{
    [Parameter, EditorRequired]
    public required IReadOnlyList<NodeInfo> Nodes { get; set; }
}
