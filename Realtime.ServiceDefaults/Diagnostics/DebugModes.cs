using System.Collections.Concurrent;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.ServiceDefaults.Diagnostics;

/// <summary>Debug mode of components (their verbose entries in the action log) that ends by itself: nobody forgets it on a busy server.</summary>
public sealed class DebugModes(Supervisor supervisor) : SupervisedTicker(supervisor, TimeSpan.FromSeconds(1), "debugModes")
{
    public const int MaxMinutes = 60;
    public const int MaxComponentLength = 64;

    readonly ConcurrentDictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);

    /// <summary>The components in debug mode, and until when.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> On => _until.ToDictionary(StringComparer.Ordinal);

    /// <returns>False: <see cref="ActionLog.MaxDebugComponents"/> are on already.</returns>
    public bool TrySwitch(string component, bool on, TimeSpan span)
    {
        if (!ActionLog.SetDebug(component, on))
            return false;
        if (on)
            _until[component] = Time.GetUtcNow() + span;
        else
            _until.TryRemove(component, out _);
        ActionLog.Record(Name, on ? "on" : "off", detail: component);
        return true;
    }

    protected override bool IsInStep => true;

    protected override Task TickAsync(CancellationToken stopping)
    {
        var now = Time.GetUtcNow();
        foreach (var (component, until) in _until)
        {
            if (until <= now && _until.TryRemove(new(component, until)))
            {
                ActionLog.SetDebug(component, on: false);
                ActionLog.Record(Name, "over", detail: component);
            }
        }
        return Task.CompletedTask;
    }
}
