using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Web.Access;
using Realtime.Web.Operations;

namespace Realtime.Web.Actions;

/// <summary><c>POST /console/do/act/{name}</c>: does what the operator confirmed, in the operator's name, and leads back to where they were.</summary>
static class ActionEndpoints
{
    public const string Path = ConsoleAccess.Path + "/do/act/";

    public static void AddActions(this WebApplicationBuilder builder) => builder.Services.AddSingleton<Notes>();

    public static void MapActions(this IEndpointRouteBuilder app) => app.MapPost(Path + "{name}", DoAsync).WithForm().RequireAuthorization(ConsoleAccess.Operator);

    static async Task<IResult> DoAsync(HttpContext http, string name, SignalingClient signaling, Notes notes)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var fields = new ActionFields(field => form[field]);
        if (!ConsoleActions.All.TryGetValue(name, out var action) || !action.IsComplete(fields))
            return Results.BadRequest();
        var account = http.User.Identity!.Name!;
        var call = action.Call(fields);
        ActionLog.Record("console", name, account, fields.Optional("room"));
        // Not cut off with the browser: what an operator asked for is done, or known not to be.
        var problem = await signaling.ActAsync(account, call.Method, call.Path, call.Body, CancellationToken.None);
        notes.Leave(http, problem is null ? new Note(false, action.Done) : new Note(true, $"{action.Label}: {problem}"));
        return Results.Redirect(ConsoleAccess.Back(form["back"]));
    }
}
