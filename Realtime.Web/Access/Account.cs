using Realtime.Contracts;

namespace Realtime.Web.Access;

/// <summary>Somebody who may see the console.</summary>
/// <param name="Role">One of <see cref="ConsoleRole"/>.</param>
/// <param name="Stamp">Another one after each change: sessions from before are over.</param>
sealed record Account(string Name, string Role, string PasswordHash, string Stamp, DateTimeOffset CreatedAt)
{
    public const int MaxNameLength = 32;

    /// <summary>Names stand in the audit log and in tokens (<c>console:NAME</c>).</summary>
    public static bool IsName(string? name) => name is { Length: > 0 and <= MaxNameLength } && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}

/// <summary>The roles of the console.</summary>
static class ConsoleRole
{
    /// <summary>Sees everything and may act.</summary>
    public const string Operator = "operator";

    /// <summary>Sees everything.</summary>
    public const string Viewer = "viewer";
}

/// <summary>What is on disk.</summary>
sealed record AccountFile(IReadOnlyList<Account> Accounts)
{
    public static System.Text.Json.JsonSerializerOptions Json => ContractsJson.Options;
}
