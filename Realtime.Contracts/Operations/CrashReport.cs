namespace Realtime.Contracts;

/// <summary>Why something ended, with what led to it: one JSON file per crash on disk, one row in <c>GET /api/crashes</c>.</summary>
/// <param name="Id">The incident id that callers are told (UUIDv7).</param>
/// <param name="Kind">One of <see cref="CrashKind"/>.</param>
/// <param name="StackHash">Equal for reports with the same exception types and stack; messages do not count.</param>
/// <param name="Count">How often this stack hash was seen in this run of the process, this one included.</param>
/// <param name="Actions">What the process did last, oldest first.</param>
public sealed record CrashReport(
    string Id,
    DateTimeOffset Time,
    string Kind,
    string Service,
    string Node,
    int Process,
    string Component,
    string Action,
    string? User,
    string? Room,
    string? TraceId,
    CrashException? Exception,
    string StackHash,
    long Count,
    IReadOnlyList<ActionEntry> Actions,
    ProcessStatistics Statistics);

/// <summary>The values of <see cref="CrashReport.Kind"/>.</summary>
public static class CrashKind
{
    /// <summary>Stopped at a fault boundary; the caller was answered.</summary>
    public const string Caught = "caught";
    /// <summary>A background loop threw and was restarted.</summary>
    public const string Loop = "loop";
    /// <summary>Nobody caught it; the process ended.</summary>
    public const string Unhandled = "unhandled";
    /// <summary>A task failed and nobody looked.</summary>
    public const string Unobserved = "unobserved";
    /// <summary>The run before this one ended without stopping (kill -9, out of memory, native fault).</summary>
    public const string PreviousRunDied = "previousRunDied";
}

/// <summary>An exception as data. Inner exceptions of an aggregate beyond the first are left out.</summary>
public sealed record CrashException(string Type, string Message, string? Stack, CrashException? Inner);

/// <summary>One entry of the action log.</summary>
public sealed record ActionEntry(DateTimeOffset Time, string Component, string Action, string? User, string? Room, string? Detail, string? TraceId, int Thread);

/// <summary>A process at one moment. Sizes in bytes.</summary>
public sealed record ProcessStatistics(
    long WorkingSet,
    long GcHeap,
    int Gen0Collections,
    int Gen1Collections,
    int Gen2Collections,
    int Threads,
    int ThreadPoolThreads,
    long ThreadPoolQueue,
    int Handles,
    double UptimeSeconds);

/// <summary>All reports of one stack: one entry of <c>GET /api/crashes</c>.</summary>
/// <param name="Count">How often it was seen, also when no report was written of it.</param>
/// <param name="Reports">Reports kept; <c>?hash=</c> lists them.</param>
/// <param name="Latest">The newest report's id: <c>GET /api/crashes/{id}</c>, and <c>?after=</c> for the next page.</param>
/// <param name="Nodes">Where, at most 20.</param>
/// <param name="Trend">Reports in each of the last 24 hours, the oldest first.</param>
public sealed record CrashGroup(
    string StackHash, long Count, long Reports, DateTimeOffset First, DateTimeOffset Last, string Latest, string Kind, string Component, string Action, string? Type, string? Message,
    IReadOnlyList<string> Nodes, IReadOnlyList<int>? Trend = null);

/// <summary>One report in a list; the whole of it is at <c>GET /api/crashes/{id}</c>.</summary>
public sealed record CrashSummary(string Id, DateTimeOffset Time, string Service, string Node, string Kind, string Component, string Action, string? User, string? Room, string? TraceId, long Count);

/// <summary>Some of a node's reports, for whoever collects them.</summary>
/// <param name="Next">What to ask for after these.</param>
public sealed record CrashPage(IReadOnlyList<CrashReport> Reports, string Next);
