using System.Text;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Api;

/// <summary>What endpoints have in common: who calls, and how answers are written.</summary>
static class ApiCall
{
    /// <exception cref="RealtimeException"><c>unauthenticated</c>.</exception>
    public static UserToken Caller(HttpContext http) => TokenIdentity.Of(http.User) ?? throw new RealtimeException(new(ErrorCode.Unauthenticated, "A valid token is needed."));

    public static IResult Json(object value, int? status = null) => Results.Json(value, ContractsJson.Options, statusCode: status);

    /// <summary>NDJSON: one JSON record per line, written as they come.</summary>
    public static async Task WriteLinesAsync(HttpContext http, string fileName, IAsyncEnumerable<string> records, CancellationToken cancellation)
    {
        http.Response.ContentType = "application/x-ndjson";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        await foreach (var record in records.WithCancellation(cancellation))
            await http.Response.WriteAsync(record + "\n", Encoding.UTF8, cancellation);
    }
}
