using Microsoft.AspNetCore.Components;
using Realtime.Web.Live;
using Realtime.Web.Model;
using Realtime.Web.Operations;

namespace Realtime.Web.Components.Boards;

/// <summary>Base of the parts of pages that stay live. Rendered for everybody who sees the same: nothing in it depends on who that is.</summary>
public abstract class Board : ComponentBase
{
    [Inject]
    internal AdminFeed Feed { get; set; } = null!;

    [Inject]
    internal ReplicaWatch Replicas { get; set; } = null!;

    [Inject]
    internal SignalingClient Signaling { get; set; } = null!;

    [Inject]
    protected TimeProvider Time { get; set; } = null!;

    /// <summary>What the feed says, as of the beginning of this rendering.</summary>
    protected ConsoleView View { get; private set; } = null!;

    protected override void OnInitialized() => View = ConsoleView.From(Feed.Current, Time.GetUtcNow());

    /// <summary>Adds what is there to a query, escaped.</summary>
    protected static string Query(string path, params (string Name, string? Value)[] values)
    {
        var given = values.Where(static pair => pair.Value is { Length: > 0 }).Select(static pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value!)}").ToList();
        return given.Count == 0 ? path : $"{path}{(path.Contains('?') ? '&' : '?')}{string.Join('&', given)}";
    }
}
