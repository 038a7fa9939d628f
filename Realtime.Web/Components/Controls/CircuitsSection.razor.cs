using Microsoft.AspNetCore.Components;
using Realtime.Contracts;

namespace Realtime.Web.Components.Controls;

/// <summary>The circuit breakers of the reporting replica, the troubled ones first.</summary>
public partial class CircuitsSection
{
    [Parameter, EditorRequired]
    public required IReadOnlyList<CircuitInfo> Circuits { get; set; }

    [Parameter]
    public string Title { get; set; } = "Circuits";
}
