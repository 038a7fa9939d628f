using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Realtime.Contracts;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Attachments;

/// <summary>
/// The file in an upload: the whole body (its name in <c>?name=</c> or Content-Disposition), or the first file part of <c>multipart/form-data</c>. Reading refuses what breaks off or
/// cannot be read, and never trusts a length.
/// </summary>
/// <param name="Length">What the client says, if it does; null for multipart.</param>
public sealed record UploadBody(Stream Content, string Name, string ContentType, long? Length)
{
    /// <summary>RFC 2046 §5.1.1.</summary>
    const int MaxBoundaryLength = 70;
    const int MaxPartHeaders = 16;
    const int MaxPartHeaderBytes = 8 * 1024;
    const int MaxFieldsBefore = 8;
    const int MaxFieldBytes = 4 * 1024;

    public static async Task<UploadBody> OpenAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return new UploadBody(request.Body, NameOf(request), AttachmentNames.CleanType(request.ContentType), request.ContentLength);
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        if (boundary.Length is 0 or > MaxBoundaryLength)
            throw Unreadable(null);
        var multipart = new MultipartReader(boundary, request.Body) { HeadersCountLimit = MaxPartHeaders, HeadersLengthLimit = MaxPartHeaderBytes, BodyLengthLimit = null };
        for (var i = 0; i <= MaxFieldsBefore; i++)
        {
            var section = await Guard(() => multipart.ReadNextSectionAsync(cancellation), request)
                ?? throw new RealtimeException(new(ErrorCode.Invalid, "The form holds no file.", "file"));
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || !disposition.IsFileDisposition())
            {
                await SkipAsync(section.Body, request, cancellation);
                continue;
            }
            var name = disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName);
            return new UploadBody(section.Body, AttachmentNames.Clean(name.ToString()), AttachmentNames.CleanType(section.ContentType), null);
        }
        throw new RealtimeException(new(ErrorCode.Invalid, $"At most {MaxFieldsBefore} fields stand before the file.", "file"));
    }

    /// <summary>0 at the end.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, HttpRequest request, CancellationToken cancellation) =>
        new(Guard(() => Content.ReadAsync(buffer, cancellation).AsTask(), request));

    static async Task SkipAsync(Stream field, HttpRequest request, CancellationToken cancellation)
    {
        var buffer = new byte[MaxFieldBytes + 1];
        if (await Guard(() => field.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation).AsTask(), request) > MaxFieldBytes)
            throw new RealtimeException(new(ErrorCode.TooLarge, $"A field beside the file has at most {MaxFieldBytes} bytes."));
    }

    static string NameOf(HttpRequest request)
    {
        if (request.Query["name"].ToString() is { Length: > 0 } name)
            return AttachmentNames.Clean(name);
        if (!ContentDispositionHeaderValue.TryParse(request.Headers.ContentDisposition.ToString(), out var disposition))
            return AttachmentNames.Clean(null);
        return AttachmentNames.Clean((disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).ToString());
    }

    /// <summary>What goes wrong here is the client's: a broken connection, a form that is none, a body beyond the server's limit.</summary>
    static async Task<T> Guard<T>(Func<Task<T>> read, HttpRequest request)
    {
        try
        {
            return await read();
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new RealtimeException(new(ErrorCode.TooLarge, "The file is too large."), tooLarge);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or BadHttpRequestException || (failure is OperationCanceledException && request.HttpContext.RequestAborted.IsCancellationRequested))
        {
            throw Unreadable(failure);
        }
    }

    static RealtimeException Unreadable(Exception? cause) => new(new(ErrorCode.Invalid, "The upload broke off or could not be read."), cause);
}
