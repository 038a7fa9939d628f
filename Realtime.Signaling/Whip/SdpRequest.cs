using System.Text;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Realtime.Contracts;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Whip;

/// <summary>What a request with a session description must look like before anybody looks into it: type, size, text, condition.</summary>
static class SdpRequest
{
    public const string Sdp = "application/sdp";
    public const string Fragment = "application/trickle-ice-sdpfrag";

    const int MaxEntityTags = 8;

    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Parameters (a charset) do not matter; an encoded body does.</summary>
    public static bool HasType(HttpRequest request, string type) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var given) && given.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)
        && StringValues.IsNullOrEmpty(request.Headers.ContentEncoding);

    /// <summary>False: the client says that it takes other types only. Without the header it takes all (RFC 9110 §12.5.1).</summary>
    public static bool Accepts(HttpRequest request, string type)
    {
        if (StringValues.IsNullOrEmpty(request.Headers.Accept) || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
            return true;
        var wanted = new MediaTypeHeaderValue(type);
        return accepted.Any(one => one.Quality is not 0 && wanted.IsSubsetOf(new MediaTypeHeaderValue(one.MediaType)));
    }

    /// <summary>The whole body, refused unread when it announces too much, and after the limit when it does not.</summary>
    public static async Task<string> ReadAsync(HttpRequest request, int limit, CancellationToken cancellation)
    {
        if (request.ContentLength > limit)
            throw TooLarge(limit);
        var body = new byte[(int)Math.Min(request.ContentLength ?? limit, limit) + 1];
        var length = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation);
        if (length > limit)
            throw TooLarge(limit);
        try
        {
            return StrictUtf8.GetString(body, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw new RealtimeException(new(ErrorCode.Invalid, "The body is not UTF-8 text.", "body"));
        }
    }

    /// <summary>The <c>If-Match</c> of a PATCH (RFC 9110 §13.1.1). Compared strongly, so weak tags match nothing.</summary>
    /// <param name="tags">Without their quotes; null: whichever is current. RFC 9725's own example puts the star in quotes, so both are taken.</param>
    /// <returns>False: there is none.</returns>
    public static bool TryReadCondition(HttpRequest request, out IReadOnlyList<string>? tags)
    {
        tags = null;
        var header = request.Headers.IfMatch;
        if (StringValues.IsNullOrEmpty(header))
            return false;
        if (!EntityTagHeaderValue.TryParseStrictList(header, out var given) || given.Count > MaxEntityTags)
            throw new RealtimeException(new(ErrorCode.Invalid, "If-Match is no list of entity tags.", "If-Match"));
        if (!given.Any(static tag => tag.Tag == "*" || tag.Tag == "\"*\""))
            tags = [.. given.Where(static tag => !tag.IsWeak).Select(static tag => tag.Tag.ToString().Trim('"'))];
        return true;
    }

    static RealtimeException TooLarge(int limit) => new(new(ErrorCode.TooLarge, $"The body may have {limit} bytes.", "body"));
}
