using Microsoft.AspNetCore.Components;
using Realtime.Web.Live;
using Realtime.Web.Model;

namespace Realtime.Web.Components.Pages;

/// <summary>The console's first page: nodes, rooms, participants and circuits. It arrives complete; <c>Client/console</c> keeps it live.</summary>
public partial class Console
{
    [Inject]
    AdminFeed Feed { get; set; } = null!;

    [Inject]
    TimeProvider Time { get; set; } = null!;

    ConsoleView View => ConsoleView.From(Feed.Current, Time.GetUtcNow());
}
