using Microsoft.AspNetCore.Components;
using Realtime.Contracts;

namespace Realtime.Web.Components.Controls;

/// <summary>When a circuit opened and closed, and why.</summary>
public partial class CircuitHistory
{
    [Parameter, EditorRequired]
    public required IReadOnlyList<CircuitChange> Changes { get; set; }
}
