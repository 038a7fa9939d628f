using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Health;

namespace Realtime.ServiceDefaults.Diagnostics;

/// <summary>Writes down that an operator did something, before it is done; throwing refuses it.</summary>
/// <param name="action">One of <see cref="DiagnosticEndpoints"/>' actions.</param>
public delegate ValueTask OperatorAudit(HttpContext http, string action, string? target);

/// <summary>
/// <c>/admin/debug</c> (debug mode of a component for a while), <c>/admin/profile</c> (capture, list, download), <c>GET /admin/crashes</c> (this node's reports, for
/// who collects them) and <c>GET /api/actions</c> (the tail of the action log), for operators.
/// </summary>
public static class DiagnosticEndpoints
{
    public const string DebugSwitched = "debugSwitched";
    public const string ProfileCaptured = "profileCaptured";

    const int CrashesAtOnce = 20;
    const int MaxBody = 1024;
    const int UsualMinutes = 10;
    const int UsualSeconds = 10;
    const int UsualActions = 100;

    public static void MapDiagnostics(this IEndpointRouteBuilder endpoints, OperatorGate gate, OperatorAudit audit)
    {
        endpoints.MapPost("/admin/debug", async (HttpContext http, DebugModes modes) =>
        {
            if (await ReadAsync<DebugRequest>(http) is not { Component: { Length: > 0 and <= DebugModes.MaxComponentLength } component } request
                || (request.Minutes ?? UsualMinutes) is not (>= 1 and <= DebugModes.MaxMinutes and var minutes))
                return Refuse(ErrorCode.Invalid, $"{{component, on, minutes}}, for 1 to {DebugModes.MaxMinutes} minutes.");
            await audit(http, DebugSwitched, component);
            return modes.TrySwitch(component, request.On ?? true, TimeSpan.FromMinutes(minutes))
                ? Results.Json(modes.On, ContractsJson.Options)
                : Refuse(ErrorCode.Conflict, $"{ActionLog.MaxDebugComponents} components are in debug mode already.", StatusCodes.Status409Conflict);
        }).Behind(gate);
        endpoints.MapGet("/admin/debug", (DebugModes modes) => Results.Json(modes.On, ContractsJson.Options)).Behind(gate);

        endpoints.MapPost("/admin/profile", async (HttpContext http, ProfileCapture profiles) =>
        {
            if (await ReadAsync<ProfileRequest>(http) is not { } request || (request.Seconds ?? UsualSeconds) is not (>= 1 and <= ProfileCapture.MaxSeconds and var seconds))
                return Refuse(ErrorCode.Invalid, $"{{seconds}}, 1 to {ProfileCapture.MaxSeconds}.");
            await audit(http, ProfileCaptured, null);
            return profiles.Start(TimeSpan.FromSeconds(seconds)) is { } started
                ? Results.Json(started, ContractsJson.Options, statusCode: StatusCodes.Status202Accepted)
                : Refuse(ErrorCode.Conflict, "A profile is being captured.", StatusCodes.Status409Conflict);
        }).Behind(gate);
        endpoints.MapGet("/admin/profile", (ProfileCapture profiles) => Results.Json(profiles.List(), ContractsJson.Options)).Behind(gate);
        endpoints.MapGet("/admin/profile/{id}", (string id, ProfileCapture profiles) => profiles.Find(id) is { } path
            ? Results.File(path, "application/octet-stream", Path.GetFileName(path))
            : Refuse(ErrorCode.NotFound, "There is no such profile, or it is not finished.", StatusCodes.Status404NotFound)).Behind(gate);

        endpoints.MapGet("/admin/crashes", (string? after, CrashReporter crashes) => Results.Json(crashes.ReadAfter(after ?? "", CrashesAtOnce), ContractsJson.Options)).Behind(gate);
        endpoints.MapGet("/api/actions", (string? component, string? action, string? user, string? room, string? trace, int? limit) =>
            (limit ?? UsualActions) is >= 1 and <= ActionLog.Capacity and var most
                ? Results.Json(Actions(entry => Is(component, entry.Component) && Is(action, entry.Action) && Is(user, entry.User) && Is(room, entry.Room) && Is(trace, entry.TraceId), most), ContractsJson.Options)
                : Refuse(ErrorCode.Invalid, $"limit is between 1 and {ActionLog.Capacity}.")).Behind(gate);
    }

    /// <summary>The last that match, oldest first.</summary>
    static ActionEntry[] Actions(Func<ActionEntry, bool> wanted, int most) => [.. ActionLog.Snapshot(ActionLog.Capacity).Where(wanted).TakeLast(most)];

    static bool Is(string? wanted, string? given) => wanted is null || wanted == given;

    static IResult Refuse(string code, string message, int status = StatusCodes.Status400BadRequest) =>
        Results.Json(new RealtimeError(code, message), ContractsJson.Options, "application/problem+json", status);

    static async Task<T?> ReadAsync<T>(HttpContext http) where T : class
    {
        var buffer = new byte[MaxBody + 1];
        var length = await http.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, http.RequestAborted);
        return length <= MaxBody && SafeJson.TryRead<T>(buffer.AsMemory(0, length), out var value, MaxBody) ? value : null;
    }
}
