using System.Security.Cryptography;
using System.Text;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Api;

/// <summary>
/// <c>Idempotency-Key</c> on POST (draft-ietf-httpapi-idempotency-key-header): a retry with the same key, by the same user, on the same path is answered with what the first
/// was, for a day. Refusals and faults are not kept: nothing was done. The same key with another body, or while the first request runs, or for an answer with a secret, is
/// a <c>conflict</c>.
/// </summary>
public static class IdempotencyMiddleware
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";
    public const int MaxKeyLength = 128;

    /// <summary>Larger answers are not kept; a retry is told that it was done.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    const int RunningRetryAfterMs = 1000;

    public static void UseIdempotency(this WebApplication app)
    {
        var store = app.Services.GetRequiredService<IdempotencyStore>();
        var gate = app.Services.GetRequiredService<LimitGate>();
        // Whatever is not concerned leaves no frame behind: a connection to the hub passes here, and stays for hours.
        app.Use((http, next) =>
            HttpMethods.IsPost(http.Request.Method) && http.Request.Path.StartsWithSegments("/api") && http.Request.Headers.TryGetValue(Header, out var given)
                && TokenIdentity.Of(http.User) is { } token && http.GetEndpoint() is not null
                ? AdmitAsync(http, next, token.User, given.ToString()) : next(http));

        async Task AdmitAsync(HttpContext http, RequestDelegate next, string user, string key)
        {
            if (key.Length is 0 or > MaxKeyLength || key.Any(static c => c is < '!' or > '~'))
                throw new RealtimeException(new(ErrorCode.Invalid, $"A key has 1 to {MaxKeyLength} printable ASCII characters.", Header));
            await gate.AdmitAsync(LimitName.IdempotencyKeys, user);
            await RunAsync(http, next, store, new IdempotencyId(user, key, http.Request.Path.Value!));
        }
    }

    static async Task RunAsync(HttpContext http, RequestDelegate next, IdempotencyStore store, IdempotencyId id)
    {
        var request = await FingerprintAsync(http.Request, http.RequestAborted);
        var state = await store.ClaimAsync(id, request, http.RequestAborted);
        if (state.Claim is not { } claim)
        {
            await AnswerAgainAsync(http, state, request);
            return;
        }
        var body = http.Response.Body;
        await using var copy = new CopyingStream(body, MaxBodyBytes);
        http.Response.Body = copy;
        try
        {
            await next(http);
        }
        catch (Exception failure) when (failure is not RealtimeException { Error.Code: ErrorCode.UnknownOutcome })
        {
            await SettleAsync(http, id, () => store.ReleaseAsync(id, claim, CancellationToken.None));
            throw;
        }
        finally
        {
            http.Response.Body = body;
        }
        var status = http.Response.StatusCode;
        await SettleAsync(http, id, () => status < 400
            ? store.StoreAsync(id, claim, status, http.Response.ContentType, Location(http), HoldsSecret(http) ? null : copy.Copied, CancellationToken.None)
            : store.ReleaseAsync(id, claim, CancellationToken.None));
    }

    static Task AnswerAgainAsync(HttpContext http, IdempotencyState state, byte[] request)
    {
        if (!CryptographicOperations.FixedTimeEquals(state.Request, request))
            throw new RealtimeException(new(ErrorCode.Conflict, "This key belongs to another request.", Header));
        if (state.Status is not { } status)
            throw new RealtimeException(new(ErrorCode.Conflict, "The first request with this key still runs.", Header, RetryAfterMs: RunningRetryAfterMs));
        if (state.Body is not { } body)
            throw new RealtimeException(new(ErrorCode.Conflict, "This was done; the answer was not to be kept.", Header));
        http.Response.StatusCode = status;
        http.Response.Headers[ReplayedHeader] = "true";
        if (state.ContentType is not null)
            http.Response.ContentType = state.ContentType;
        if (state.Location is not null)
            http.Response.Headers.Location = state.Location;
        return body.Length == 0 ? Task.CompletedTask : http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    static string? Location(HttpContext http) => http.Response.Headers.Location is { Count: > 0 } location ? location.ToString() : null;

    /// <summary>What no cache may store (a key's secret) is not stored here either.</summary>
    static bool HoldsSecret(HttpContext http) => http.Response.Headers.CacheControl.ToString().Contains("no-store", StringComparison.OrdinalIgnoreCase);

    /// <summary>The answer is out, or about to be: what cannot be kept now must not spoil it.</summary>
    static async Task SettleAsync(HttpContext http, IdempotencyId id, Func<Task> settle)
    {
        try
        {
            await settle();
        }
        catch (RealtimeException)
        {
            ActionLog.Record("api", "answerNotKept", id.Owner, detail: http.GetEndpoint()?.DisplayName);
        }
    }

    /// <summary>What was asked: method and type, and the body when it is JSON (others are streamed and not read twice).</summary>
    static async Task<byte[]> FingerprintAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.ContentType}\n{request.ContentLength}\n{request.QueryString}\n"));
        if (request.HasJsonContentType())
        {
            // Kestrel's limit bounds it.
            request.EnableBuffering();
            var buffer = new byte[8192];
            int read;
            while ((read = await request.Body.ReadAsync(buffer, cancellation)) > 0)
                hash.AppendData(buffer, 0, read);
            request.Body.Position = 0;
        }
        return hash.GetHashAndReset();
    }
}
