using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Pages;

/// <summary>One participant of a room.</summary>
public partial class Participant
{
    [Parameter]
    public string Name { get; set; } = "";

    [Parameter]
    public string Id { get; set; } = "";
}
