using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Realtime.Contracts;

namespace Realtime.Web.Joining;

/// <summary>Mints tokens at signaling with the dev key.</summary>
sealed class TokenMinter(HttpClient http, DevKey key)
{
    /// <returns>The token, or why there is none: nothing here throws for what signaling does.</returns>
    public async Task<(TokenResponse? Token, RealtimeError? Error)> MintAsync(TokenRequest request, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/api/tokens") { Content = JsonContent.Create(request, options: ContractsJson.Options) };
        message.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{key.Id}:{key.Secret}")));
        try
        {
            using var response = await http.SendAsync(message, cancellation);
            if (!response.IsSuccessStatusCode)
                return (null, Refused(response));
            return await response.Content.ReadFromJsonAsync<TokenResponse>(ContractsJson.Options, cancellation) is { Token.Length: > 0 } token
                ? (token, null)
                : (null, Unavailable("Signaling answered without a token."));
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException or BrokenCircuitException or JsonException
            || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return (null, Unavailable("Signaling cannot be reached right now."));
        }
    }

    static RealtimeError Refused(HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.TooManyRequests => new(ErrorCode.RateLimited, "Too many people are joining right now.", RetryAfterMs: RetryAfter(response)),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(ErrorCode.Forbidden, "Signaling does not accept the development key (Auth:DevKeyId, Auth:DevKeySecret)."),
        _ => Unavailable($"Signaling answered with status {(int)response.StatusCode}.") with { RetryAfterMs = RetryAfter(response) },
    };

    static int RetryAfter(HttpResponseMessage response) => (int)(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(2)).TotalMilliseconds;

    static RealtimeError Unavailable(string message) => new(ErrorCode.Unavailable, message, RetryAfterMs: 2000);
}
