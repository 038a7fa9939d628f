using Microsoft.AspNetCore.Components;
using Realtime.Web.Actions;

namespace Realtime.Web.Components.Layout;

/// <summary>For pages of nobody in particular.</summary>
public partial class PlainLayout
{
    [CascadingParameter]
    HttpContext Http { get; set; } = null!;

    [Inject]
    IServiceProvider Services { get; set; } = null!;

    Note? Note { get; set; }

    protected override void OnInitialized() => Note = Services.GetRequiredService<Notes>().Take(Http);
}
