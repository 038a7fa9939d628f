using Microsoft.AspNetCore.Components;
using Realtime.Web.Model;

namespace Realtime.Web.Components.Controls;

/// <summary>The rooms, fullest first, with the people in them and what they send.</summary>
public partial class RoomsSection
{
    [Parameter, EditorRequired]
    public required IReadOnlyList<RoomView> Rooms { get; set; }

    /// <summary>Rooms that are not drawn.</summary>
    [Parameter]
    public int LeftOut { get; set; }
}
