namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>Where and for whom something runs: what a crash report is filed under. Names come from code; ids from the caller.</summary>
public readonly record struct GuardedContext(string Component, string Action, string? User = null, string? Room = null, string? TraceId = null);

/// <summary>How guarded work ended. Failed: <see cref="Incident"/> names the crash report and may be told to the caller.</summary>
public readonly record struct GuardedOutcome(string? Incident, Exception? Exception)
{
    public bool Succeeded => Exception is null;
}

/// <summary>As <see cref="GuardedOutcome"/>, with the result of the work; <c>default</c> when it failed.</summary>
public readonly record struct GuardedOutcome<T>(T? Value, string? Incident, Exception? Exception)
{
    public bool Succeeded => Exception is null;
}
