using Microsoft.AspNetCore.Components;
using Realtime.Web.Access;
using Realtime.Web.Actions;
using Realtime.Web.Live;

namespace Realtime.Web.Components.Pages;

/// <summary>Asks before something is done, naming its target. With a script it appears as a dialog over the page it was asked from.</summary>
public partial class Act
{
    [Parameter]
    public string Name { get; set; } = "";

    [CascadingParameter]
    HttpContext Http { get; set; } = null!;

    [Inject]
    IServiceProvider Services { get; set; } = null!;

    /// <summary>Those that live and take rooms.</summary>
    IEnumerable<string> Nodes => (Services.GetRequiredService<AdminFeed>().Current.Snapshot?.Nodes ?? []).Where(static node => node is { State: "live", Full: false }).Select(static node => node.Node);

    ActionFields Fields { get; set; } = null!;

    ConsoleAction? Action { get; set; }

    string Back { get; set; } = ConsoleAccess.Path;

    protected override void OnInitialized()
    {
        Fields = new ActionFields(field => Http.Request.Query[field]);
        Action = ConsoleActions.All.TryGetValue(Name, out var action) && action.IsComplete(Fields) ? action : null;
        // The page that led here; browsers tell it within one origin.
        var from = Uri.TryCreate(Http.Request.Headers.Referer, UriKind.Absolute, out var referer) && referer.Authority == Http.Request.Host.Value ? referer.PathAndQuery : null;
        Back = ConsoleAccess.Back(from);
    }
}
