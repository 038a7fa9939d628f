using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Web.Joining;

/// <summary>Reads the body of a join request: JSON only, size first.</summary>
static class JoinBody
{
    public static async Task<(JoinRequest? Request, RealtimeError? Error)> ReadAsync(HttpRequest http, long limit, CancellationToken cancellation)
    {
        if (!http.HasJsonContentType())
            return (null, new(ErrorCode.Invalid, "The body is JSON."));
        if (http.ContentLength is not { } length || length > limit)
            return (null, new(ErrorCode.TooLarge, $"The body has a length of at most {limit} bytes."));
        var bytes = new byte[length];
        await http.Body.ReadExactlyAsync(bytes, cancellation);
        return SafeJson.TryRead<JoinRequest>(bytes, out var request)
            ? (request, null)
            : (null, new(ErrorCode.Invalid, "The body is no join request."));
    }
}
