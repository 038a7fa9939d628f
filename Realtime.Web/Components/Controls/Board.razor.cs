using Microsoft.AspNetCore.Components;
using Realtime.Web.Model;

namespace Realtime.Web.Components.Controls;

/// <summary>Everything the console shows, in every state it can be in: loading, unreachable, live, stale, degraded, empty.</summary>
public partial class Board
{
    [Parameter, EditorRequired]
    public required ConsoleView View { get; set; }
}
