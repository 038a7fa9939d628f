using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Boards;

/// <summary>One participant: transport, tracks, and what they did last, on all replicas and at the room's node.</summary>
public partial class ParticipantBoard
{
    const int Shown = 50;

    [Parameter]
    public string? Room { get; set; }

    [Parameter]
    public string? Participant { get; set; }

    Answer<IReadOnlyList<RoomParticipantInfo>> People { get; set; } = new(null, "");

    RoomParticipantInfo? Person => People.Value?.FirstOrDefault(one => one.Participant == Participant);

    IReadOnlyList<ActionEntry> Actions { get; set; } = [];

    ParticipantDetail? Detail { get; set; }

    /// <summary>Circuits of peers' transports are named <c>NODE/peer:ROOM/USER</c>.</summary>
    List<CircuitInfo> Circuits => Person is { } person ? [.. View.Circuits.Where(circuit => circuit.Name.EndsWith($"/peer:{Room}/{person.User}", StringComparison.Ordinal))] : [];

    protected override async Task OnInitializedAsync()
    {
        People = await Signaling.GetAsync<IReadOnlyList<RoomParticipantInfo>>($"/api/rooms/{Uri.EscapeDataString(Room ?? "")}/participants");
        if (Person is not { } person)
            return;
        Detail = (await Signaling.GetAsync<RoomDetail>($"/debug/rooms/{Uri.EscapeDataString(Room ?? "")}")).Value?.Participants.FirstOrDefault(one => one.Participant == Participant);
        var node = View.Snapshot?.Rooms.FirstOrDefault(room => room.Room == Room)?.Node;
        var places = Replicas.All.Where(static one => one.Problem is null).Select(static one => ("replica", one.Name)).Concat(node is null ? [] : [("node", node)]);
        var found = await Task.WhenAll(places.Select(place => Signaling.GetAsync<IReadOnlyList<ActionEntry>>(Query($"/api/actions?limit={Shown}", (place.Item1, place.Item2), ("user", person.User)))));
        Actions = [.. found.SelectMany(static one => one.Value ?? []).OrderByDescending(static entry => entry.Time).Take(Shown).Reverse()];
    }
}
