using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Realtime.Contracts;

namespace Realtime.Client.Connection;

/// <summary>The REST API beside the hub, with the same token.</summary>
sealed class RestApi(RealtimeClientOptions options, TokenCache tokens) : IDisposable
{
    readonly HttpClient _http = new(options.CreateHandler?.Invoke() ?? HubAddress.Handler(options.SourceAddress))
    {
        BaseAddress = HubAddress.Api(options.Server),
        Timeout = options.CallTimeout,
        MaxResponseContentBufferSize = ReceiveBuffer.MaxBytes,
    };

    /// <exception cref="RealtimeException">Refused, or not answered.</exception>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(cancellation));
        try
        {
            using var response = await _http.SendAsync(request, cancellation);
            if (!response.IsSuccessStatusCode)
                throw Refusal(response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
            return await response.Content.ReadFromJsonAsync<T>(ContractsJson.Options, cancellation) ?? throw RealtimeException.Unknown($"{path} was answered with nothing.");
        }
        catch (Exception failure) when (failure is HttpRequestException or System.Text.Json.JsonException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new RealtimeException(new RealtimeError(ErrorCode.Unavailable, $"The server cannot be reached: {failure.Message}"), failure);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A proxy's page has no words for us: its status says enough.</summary>
    static RealtimeException Refusal(HttpStatusCode status, string body) => new(RealtimeException.TryParse(body, out var error) ? error : new RealtimeError(
        status switch
        {
            HttpStatusCode.Unauthorized => ErrorCode.Unauthenticated,
            HttpStatusCode.Forbidden => ErrorCode.Forbidden,
            HttpStatusCode.NotFound => ErrorCode.NotFound,
            _ => ErrorCode.Unavailable,
        },
        string.Create(CultureInfo.InvariantCulture, $"The server answered with status {(int)status}.")));
}
