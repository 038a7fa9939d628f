using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Attachments;

/// <summary>
/// Takes one file from a request to the disk: bounds are kept while it is read, whatever the client said beforehand. Uploads at once are bounded per user and replica
/// (<see cref="AttachmentOptions"/>); more are refused.
/// </summary>
public sealed partial class AttachmentUploads(
    AttachmentStore store, AttachmentFiles files, IOptionsMonitor<AttachmentOptions> options, TimeProvider time, ILogger<AttachmentUploads> log)
{
    const int ChunkBytes = 64 * 1024;
    const int BusyRetryAfterMs = 2000;

    readonly ConcurrentDictionary<string, int> _perUser = new(StringComparer.Ordinal);
    int _running;

    /// <summary>The caller has checked that the user may write to the channel.</summary>
    /// <exception cref="RealtimeException"><c>tooLarge</c>, <c>rateLimited</c> (scope <c>uploads</c>), <c>unavailable</c> (the disk is full), <c>invalid</c>.</exception>
    public async Task<AttachmentInfo> UploadAsync(string user, string channel, HttpRequest request, CancellationToken cancellation)
    {
        Enter(user);
        try
        {
            files.RequireSpace();
            var body = await UploadBody.OpenAsync(request, cancellation);
            if (body.Length > options.CurrentValue.MaxBytes)
                throw TooLarge();
            var upload = new AttachmentInfo(AttachmentNames.NewId(), channel, user, body.Name, body.ContentType, 0, "", time.GetUtcNow());
            var quota = new UploadQuota(store, user, upload.CreatedAt, options.CurrentValue.BytesPerUserAndDay);
            try
            {
                await quota.EnsureAsync(body.Length ?? 0, cancellation);
                await store.BeginAsync(upload, cancellation);
                return await WriteAsync(upload, body, quota, request, cancellation);
            }
            finally
            {
                await ReturnRestAsync(quota);
            }
        }
        finally
        {
            Leave(user);
        }
    }

    async Task<AttachmentInfo> WriteAsync(AttachmentInfo upload, UploadBody body, UploadQuota quota, HttpRequest request, CancellationToken cancellation)
    {
        var stands = false;
        try
        {
            await using var file = files.Create(upload.Id);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var chunk = new byte[ChunkBytes];
            int read;
            while ((read = await body.ReadAsync(chunk, request, cancellation)) > 0)
            {
                if (quota.Used + read > options.CurrentValue.MaxBytes)
                    throw TooLarge();
                await quota.UseAsync(read, cancellation);
                hash.AppendData(chunk, 0, read);
                await file.WriteAsync(chunk.AsMemory(0, read), cancellation);
            }
            if (quota.Used == 0)
                throw new RealtimeException(new(ErrorCode.Invalid, "The file is empty.", "file"));
            await files.FinishAsync(upload.Id, file);
            stands = true;
            var finished = upload with { Size = quota.Used, Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()) };
            await store.FinishAsync(finished.Id, finished.Size, finished.Sha256);
            ActionLog.Record("attachments", "uploaded", finished.Size, finished.Uploader, finished.Channel);
            return finished;
        }
        catch (IOException failure)
        {
            LogNotWritten(failure);
            throw AttachmentFiles.Full(failure);
        }
        finally
        {
            // A row that says "uploading" or nothing refers to it: the sweeper takes the row, and the file if this fails.
            if (!stands)
                TryDelete(upload.Id);
        }
    }

    void TryDelete(string id)
    {
        try
        {
            files.Delete(id);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(failure);
        }
    }

    void Enter(string user)
    {
        var most = options.CurrentValue;
        if (Interlocked.Increment(ref _running) > most.Uploads)
        {
            Interlocked.Decrement(ref _running);
            throw new RealtimeException(new(ErrorCode.Unavailable, "Too many uploads at once.", RetryAfterMs: BusyRetryAfterMs));
        }
        if (_perUser.AddOrUpdate(user, 1, static (_, count) => count + 1) > most.UploadsPerUser)
        {
            Leave(user);
            throw new RealtimeException(new(ErrorCode.RateLimited, $"At most {most.UploadsPerUser} uploads at once.", RetryAfterMs: BusyRetryAfterMs, Scope: "uploads"));
        }
    }

    void Leave(string user)
    {
        Interlocked.Decrement(ref _running);
        var left = _perUser.AddOrUpdate(user, 0, static (_, count) => count - 1);
        if (left == 0)
            _perUser.TryRemove(new(user, 0));
    }

    RealtimeException TooLarge() => new(new(ErrorCode.TooLarge, $"A file has at most {options.CurrentValue.MaxBytes} bytes.", "file"));

    async Task ReturnRestAsync(UploadQuota quota)
    {
        try
        {
            await quota.ReturnRestAsync();
        }
        catch (RealtimeException refused)
        {
            // The database is away: the user's day is a little shorter.
            LogQuotaKept(refused.Error.Code);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An upload could not be written to the disk")]
    partial void LogNotWritten(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is left of a failed upload could not be deleted; the sweeper tries again")]
    partial void LogNotDeleted(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Unused upload quota was not returned ({Code})")]
    partial void LogQuotaKept(string code);
}
