using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Boards;

/// <summary>The tail of one process's action log, as it grows.</summary>
public partial class ActionsBoard
{
    const int Shown = 200;

    [Parameter]
    public string? Replica { get; set; }

    [Parameter]
    public string? Node { get; set; }

    [Parameter]
    public string? Component { get; set; }

    [Parameter]
    public string? User { get; set; }

    [Parameter]
    public string? Room { get; set; }

    [Parameter]
    public string? Trace { get; set; }

    Answer<IReadOnlyList<ActionEntry>> Entries { get; set; } = new(null, "");

    IReadOnlyList<KeyValuePair<string, DateTimeOffset>> Debug { get; set; } = [];

    protected override async Task OnInitializedAsync()
    {
        Replica ??= Node is null ? Replicas.All.FirstOrDefault(static one => one.Problem is null)?.Name : null;
        var entries = Signaling.GetAsync<IReadOnlyList<ActionEntry>>(Query(
            $"/api/actions?limit={Shown}", ("replica", Replica), ("node", Node), ("component", Component), ("user", User), ("room", Room), ("trace", Trace)));
        var debug = await Signaling.GetAsync<Dictionary<string, DateTimeOffset>>(Query("/admin/debug", ("replica", Replica), ("node", Node)));
        Entries = await entries;
        Debug = [.. (debug.Value ?? []).OrderBy(static pair => pair.Key, StringComparer.Ordinal)];
    }
}
