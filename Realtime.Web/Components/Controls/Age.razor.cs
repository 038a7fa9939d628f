using Microsoft.AspNetCore.Components;

namespace Realtime.Web.Components.Controls;

/// <summary>How long ago something was. Arrives as a time of day; <c>Client/console</c> turns it into an age that grows.</summary>
public partial class Age
{
    [Parameter, EditorRequired]
    public required DateTimeOffset? Of { get; set; }
}
