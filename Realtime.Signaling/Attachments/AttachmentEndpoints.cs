using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Attachments;

/// <summary><c>POST /api/attachments?channel=</c>, <c>GET</c> and <c>DELETE /api/attachments/{id}</c>. What may not be read looks like what is not there.</summary>
public static class AttachmentEndpoints
{
    /// <summary>What a multipart form adds to its file at most.</summary>
    const long FormBytes = 64 * 1024;

    /// <summary>Slower uploads are cut off: one in eight hours' time would hold its place all the time.</summary>
    static readonly MinDataRate s_slowest = new(bytesPerSecond: 8 * 1024, gracePeriod: TimeSpan.FromSeconds(10));

    static readonly string[] s_read = [HttpMethods.Get, HttpMethods.Head];

    public static void MapAttachments(this IEndpointRouteBuilder app)
    {
        var attachments = app.MapGroup("/api/attachments").RequireAuthorization();
        attachments.MapPost("", UploadAsync).Produces<AttachmentInfo>(StatusCodes.Status201Created).WithSummary("Uploads a file for a message of that channel");
        attachments.MapMethods("/{id}", s_read, ReadAsync).WithSummary("The file, for whoever may read the channel");
        attachments.MapDelete("/{id}", DeleteAsync).Produces(StatusCodes.Status204NoContent);
    }

    static async Task<IResult> UploadAsync(HttpContext http, string? channel, AttachmentAccess access, AttachmentUploads uploads, IOptionsMonitor<AttachmentOptions> options, CancellationToken cancellation)
    {
        var token = Token(http);
        await access.RequireWriteAsync(token, channel, cancellation);
        // The server's own limit is for JSON; this route counts for itself, and the server's bound stands behind it.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = options.CurrentValue.MaxBytes + FormBytes;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = s_slowest;
        var upload = await uploads.UploadAsync(token.User, channel!, http.Request, cancellation);
        return Results.Json(upload, ContractsJson.Options, statusCode: StatusCodes.Status201Created);
    }

    static async Task<IResult> ReadAsync(HttpContext http, string id, AttachmentAccess access, AttachmentStore store, AttachmentFiles files, CancellationToken cancellation)
    {
        var (info, _) = await FindAsync(Token(http), id, access, store, cancellation);
        var path = files.Find(id) ?? throw new RealtimeException(new(ErrorCode.Unavailable, "This file cannot be read here at the moment.", RetryAfterMs: 5000));
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers["Cross-Origin-Resource-Policy"] = "same-site";
        // It may be deleted, and its reader be banned: each time anew, but without the bytes.
        headers.CacheControl = "private, no-cache";
        return Results.File(path, AttachmentNames.ServedAs(info.Type), info.Name, info.CreatedAt, new EntityTagHeaderValue($"\"{info.Sha256}\""), enableRangeProcessing: true);
    }

    static async Task<IResult> DeleteAsync(HttpContext http, string id, AttachmentAccess access, AttachmentStore store, AuditLog audit, CancellationToken cancellation)
    {
        var token = Token(http);
        var (info, _) = await FindAsync(token, id, access, store, cancellation);
        if (info.Uploader != token.User)
        {
            await access.RequireModerateAsync(token, info.Channel, cancellation);
            await audit.RecordAsync(new AuditRecord(token.User, AuditAction.AttachmentRemoved, info.Channel, id), cancellation);
        }
        await store.RemoveAsync(id, cancellation);
        ActionLog.Record("attachments", "deleted", token.User, info.Channel);
        return Results.NoContent();
    }

    /// <summary>Those of messages are their channel's; those no message refers to are their uploader's alone.</summary>
    static async Task<StoredAttachment> FindAsync(UserToken token, string id, AttachmentAccess access, AttachmentStore store, CancellationToken cancellation)
    {
        if (AttachmentNames.IsId(id) && await store.FindAsync(id, cancellation) is { } found
            && (found.MessageKey is not null || found.Info.Uploader == token.User) && await access.MayReadAsync(token, found.Info.Channel, cancellation))
            return found;
        throw new RealtimeException(new(ErrorCode.NotFound, "There is no such attachment."));
    }

    static UserToken Token(HttpContext http) => TokenIdentity.Of(http.User) ?? throw new RealtimeException(new(ErrorCode.Unauthenticated, "A valid token is needed."));
}
