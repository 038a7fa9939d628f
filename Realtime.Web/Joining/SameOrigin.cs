namespace Realtime.Web.Joining;

/// <summary>
/// Whether a page of ours sent the request. Browsers say so in <c>Sec-Fetch-Site</c> and, for every POST, in <c>Origin</c>; a program that sends
/// neither holds no user's session that could be misused, but has no business here either.
/// </summary>
static class SameOrigin
{
    public static bool Holds(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site && site != "same-origin")
            return false;
        return Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out var origin)
            && origin.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }
}
