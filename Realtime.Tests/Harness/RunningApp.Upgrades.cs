namespace Realtime.Tests.Harness;

/// <summary>How processes end when they are told to.</summary>
public partial class RunningApp
{
    /// <summary>Of the process that was stopped last; null while one runs.</summary>
    public int? ExitCodeOf(string instance) => _app!.ResourceNotifications.TryGetCurrentState(instance, out var state) ? state.Snapshot.ExitCode : null;
}
