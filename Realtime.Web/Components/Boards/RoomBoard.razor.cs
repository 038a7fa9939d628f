using System.Globalization;
using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Web.Live;
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

    Answer<IReadOnlyList<RoomParticipantInfo>> People { get; set; } = new(null, "");

    RoomInfo? Placed => View.Snapshot?.Rooms.FirstOrDefault(room => room.Room == Room);

    [Inject]
    SpeakerHistory Speakers { get; set; } = null!;

    RoomDetail? Detail { get; set; }

    IReadOnlyList<IReadOnlySet<string>> History { get; set; } = [];

    protected override async Task OnInitializedAsync()
    {
        var room = Uri.EscapeDataString(Room ?? "");
        var detail = Signaling.GetAsync<RoomDetail>($"/debug/rooms/{room}");
        People = await Signaling.GetAsync<IReadOnlyList<RoomParticipantInfo>>($"/api/rooms/{room}/participants?statistics=true");
        Detail = (await detail).Value;
        if (Detail is not null)
            History = Speakers.Add(Detail.Room, Time.GetUtcNow(), Detail.Participants.Where(static one => one.Speaking).Select(static one => one.Participant));
    }

    ParticipantDetail? DetailOf(RoomParticipantInfo person) => Detail?.Participants.FirstOrDefault(one => one.Participant == person.Participant);

    static ConnectionQuality? QualityOf(RoomParticipantInfo person) => person.Quality ?? person.Statistics?.Quality;

    /// <summary>The worst of its streams'.</summary>
    static double? Loss(RoomParticipantInfo person) => person.Statistics is { Tracks.Count: > 0 } statistics ? Math.Round(statistics.Tracks.Max(static track => track.LossPercent), 1) : null;

    IReadOnlyList<bool> Spoke(RoomParticipantInfo person) => [.. History.Select(sample => sample.Contains(person.Participant))];

    IReadOnlyList<(string, string?)> Of(RoomParticipantInfo person, TrackInfo track) =>
        [("room", Room), ("participant", person.Participant), ("track", track.Track), ("name", person.Name), ("kind", track.Source ?? track.Kind.ToString().ToLowerInvariant())];
}
