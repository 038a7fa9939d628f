using System.Globalization;
using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Boards;

/// <summary>One room: who is in it, what they send, and what can be done about it.</summary>
public partial class RoomBoard
{
    const int PageSize = 50;

    [Parameter]
    public string? Room { get; set; }

    [Parameter]
    public string? After { get; set; }

    int From => int.TryParse(After, NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? from : 0;

    Answer<IReadOnlyList<RoomParticipantInfo>> People { get; set; } = null!;

    RoomInfo? Placed => View.Snapshot?.Rooms.FirstOrDefault(room => room.Room == Room);

    protected override async Task OnInitializedAsync() =>
        People = await Signaling.GetAsync<IReadOnlyList<RoomParticipantInfo>>($"/api/rooms/{Uri.EscapeDataString(Room ?? "")}/participants");

    IReadOnlyList<(string, string?)> Of(RoomParticipantInfo person, TrackInfo track) =>
        [("room", Room), ("participant", person.Participant), ("track", track.Track), ("name", person.Name), ("kind", track.Source ?? track.Kind.ToString().ToLowerInvariant())];
}
