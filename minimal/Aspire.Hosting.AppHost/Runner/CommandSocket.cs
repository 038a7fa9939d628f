using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Http;

namespace Aspire.Hosting.Runner;

/// <summary>
/// The commands for the shell, as HTTP on a Unix socket that only its owner can open: <c>GET /</c> shows the table,
/// <c>POST /resource/command</c> runs a command. <c>./realtime command</c> speaks to it.
/// </summary>
internal static class CommandSocket
{
    // sun_path holds 108 bytes, its end included.
    private const int LongestPath = 107;

    public static async Task<IAsyncDisposable?> StartAsync(string path, ResourceNotificationService notifications, ResourceCommandService commands)
    {
        if (OperatingSystem.IsWindows() || Encoding.UTF8.GetByteCount(path) > LongestPath)
            return null;
        File.Delete(path);
        // The folder is the owner's alone, so nobody reaches the socket between its making and its mode.
        var server = await LoopbackServer.StartAsync(options => options.ListenUnixSocket(path), context => HandleAsync(context, notifications, commands));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return server;
    }

    private static async Task HandleAsync(HttpContext context, ResourceNotificationService notifications, ResourceCommandService commands)
    {
        var parts = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (HttpMethods.IsGet(context.Request.Method) && parts.Length == 0)
        {
            await context.Response.WriteAsync(StatusTable.Render(notifications.All()));
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method) || parts is not [var resource, var command])
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        command = command is "start" or "stop" or "restart" ? $"resource-{command}" : command;
        var result = await commands.ExecuteCommandAsync(resource, command, context.RequestAborted);
        context.Response.StatusCode = result.Success ? StatusCodes.Status200OK : StatusCodes.Status409Conflict;
        await context.Response.WriteAsync((result.Message ?? (result.Success ? "done" : "failed")) + "\n");
    }
}
