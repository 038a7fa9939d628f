using System.Globalization;
using Microsoft.AspNetCore.Components;
using Realtime.Contracts;

namespace Realtime.Web.Components.Boards;

/// <summary>The rooms, fullest first; searched by name or by who is in them.</summary>
public partial class RoomsBoard
{
    const int PageSize = 50;

    [Parameter]
    public string? Search { get; set; }

    [Parameter]
    public string? After { get; set; }

    int From => int.TryParse(After, NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? from : 0;

    List<RoomInfo> Found { get; set; } = [];

    protected override void OnInitialized()
    {
        base.OnInitialized();
        var snapshot = View.Snapshot;
        if (snapshot is null)
            return;
        var rooms = snapshot.Rooms.AsEnumerable();
        if (Search?.Trim() is { Length: > 0 } search)
        {
            var with = snapshot.Participants.Where(one => Has(one.Name, search) || Has(one.User, search)).Select(static one => one.Room).ToHashSet(StringComparer.Ordinal);
            rooms = rooms.Where(room => Has(room.Room, search) || with.Contains(room.Room));
        }
        Found = [.. rooms.OrderByDescending(static room => room.Participants).ThenBy(static room => room.Room, StringComparer.Ordinal)];
    }

    static bool Has(string text, string search) => text.Contains(search, StringComparison.OrdinalIgnoreCase);
}
