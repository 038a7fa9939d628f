using Microsoft.AspNetCore.Components;
using Realtime.Contracts;
using Realtime.Web.Live;
using Realtime.Web.Model;

namespace Realtime.Web.Components.Controls;

/// <summary>Around what comes from the feed, in every state it can be in: loading, unreachable, live, stale, degraded.</summary>
public partial class FeedFrame
{
    [Parameter, EditorRequired]
    public required ConsoleView View { get; set; }

    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [Inject]
    ReplicaWatch Replicas { get; set; } = null!;

    /// <summary>A replica in the mode that is shown: it says what that means.</summary>
    ReplicaReport? Mode => Replicas.All.FirstOrDefault(one => one.Report?.Mode == View.Snapshot?.Mode)?.Report;
}
