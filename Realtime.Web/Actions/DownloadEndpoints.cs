using Realtime.Web.Access;
using Realtime.Web.Operations;

namespace Realtime.Web.Actions;

/// <summary>Files that operators take along: crash reports, the audit log, profiles. Passed through as they come, never opened by the browser.</summary>
static class DownloadEndpoints
{
    public static void MapDownloads(this IEndpointRouteBuilder app)
    {
        var files = app.MapGroup(ConsoleAccess.Path).RequireAuthorization(ConsoleAccess.Viewer);
        files.MapGet("/crashes/{id}/download", (HttpContext http, string id, SignalingClient signaling) =>
            PassAsync(http, signaling, $"/api/crashes/{Uri.EscapeDataString(id)}", "application/json", "crash.json"));
        files.MapGet("/audit/export", (HttpContext http, SignalingClient signaling) => PassAsync(http, signaling, "/api/audit/export", "application/x-ndjson", "audit.ndjson"));
        files.MapGet("/profiles/{id}/download", (HttpContext http, string id, string? replica, string? node, SignalingClient signaling) =>
            PassAsync(http, signaling, $"/admin/profile/{Uri.EscapeDataString(id)}?replica={Uri.EscapeDataString(replica ?? "")}&node={Uri.EscapeDataString(node ?? "")}", "application/octet-stream", "profile.nettrace"));
    }

    static async Task<IResult> PassAsync(HttpContext http, SignalingClient signaling, string path, string type, string name)
    {
        var response = await signaling.OpenAsync(path, http.RequestAborted);
        if (response is null)
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        http.Response.RegisterForDispose(response);
        return response.IsSuccessStatusCode
            ? Results.Stream(await response.Content.ReadAsStreamAsync(http.RequestAborted), type, name)
            : Results.StatusCode((int)response.StatusCode);
    }
}
