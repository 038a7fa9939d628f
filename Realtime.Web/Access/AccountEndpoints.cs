using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Web.Actions;

namespace Realtime.Web.Access;

/// <summary>Forms about accounts, for operators. A password is made here and shown once, in the answer to the form.</summary>
static class AccountEndpoints
{
    public const string PutPath = ConsoleAccess.Path + "/do/account";
    public const string RemovePath = ConsoleAccess.Path + "/do/account/remove";

    const string ListPath = ConsoleAccess.Path + "/accounts";

    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        app.MapPost(PutPath, PutAsync).WithForm().RequireAuthorization(ConsoleAccess.Operator);
        app.MapPost(RemovePath, RemoveAsync).WithForm().RequireAuthorization(ConsoleAccess.Operator);
    }

    static async Task<IResult> PutAsync(HttpContext http, Accounts accounts, Notes notes)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (name, password) = (form["name"].ToString().Trim(), Passwords.Make());
        if (accounts.Put(name, form["role"].ToString(), password) is { } wrong)
            return Told(http, notes, wrong);
        ActionLog.Record("console", "accountPut", http.User.Identity?.Name, detail: name);
        notes.Leave(http, new Note(false, $"The password of {name}, shown this once: {password}"));
        return Results.Redirect(ListPath);
    }

    static async Task<IResult> RemoveAsync(HttpContext http, Accounts accounts, Notes notes)
    {
        var name = (await http.Request.ReadFormAsync(http.RequestAborted))["name"].ToString();
        if (accounts.Remove(name) is { } wrong)
            return Told(http, notes, wrong);
        ActionLog.Record("console", "accountRemoved", http.User.Identity?.Name, detail: name);
        notes.Leave(http, new Note(false, $"{name} is removed."));
        return Results.Redirect(ListPath);
    }

    static IResult Told(HttpContext http, Notes notes, RealtimeError wrong)
    {
        notes.Leave(http, new Note(true, wrong.Message));
        return Results.Redirect(ListPath);
    }
}
