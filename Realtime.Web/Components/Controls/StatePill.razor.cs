using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Controls;

/// <summary>A state as a word in the colour of its mood.</summary>
public partial class StatePill
{
    [Parameter, EditorRequired]
    public required string State { get; set; }

    string Mood => State switch
    {
        "live" or "normal" or "closed" or "connected" or "delivered" or "good" or "enabled" or "on" or "selected" => "good",
        "draining" or "degraded" or "halfOpen" or "connecting" or "new" or "fair" or "pending" or "claimed" or "timeOut" => "warn",
        "lost" or "emergency" or "open" or "dead" or "poor" or "silent" or "ban" or "disabled" => "bad",
        _ => "",
    };
}
