using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Web.Operations;

/// <summary>Signaling's REST and operations endpoints, as the console asks them: 4 s per call, answers up to 16 MB, nothing retried (the next look comes soon), nothing thrown for what signaling does.</summary>
sealed class SignalingClient(IHttpClientFactory clients, ServiceTokens? tokens)
{
    public const string Client = "console";

    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    const string NoKey = "This service has no key for signaling: set Console:KeyId and Console:KeySecret to one of its Auth:Keys.";

    public Task<Answer<T>> GetAsync<T>(string path, CancellationToken cancellation = default) where T : class => SendAsync<T>(HttpMethod.Get, path, null, null, cancellation);

    /// <summary>Does something in an operator's name.</summary>
    /// <returns>Null: done. Otherwise why not.</returns>
    public async Task<string?> ActAsync(string account, HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        var answer = await SendAsync<object>(method, path, body, account, cancellation);
        return answer.Problem;
    }

    public async Task<Answer<T>> SendAsync<T>(HttpMethod method, string path, object? body, string? account, CancellationToken cancellation) where T : class
    {
        if (tokens is null)
            return new(null, NoKey);
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Get(account));
        if (body is not null)
            request.Content = JsonContent.Create(body, body.GetType(), options: ContractsJson.Options);
        try
        {
            using var response = await clients.CreateClient(Client).SendAsync(request, cancellation);
            if (!response.IsSuccessStatusCode)
                return await RefusedAsync<T>(response, cancellation);
            if (typeof(T) == typeof(object))
                return new((T)new object(), null);
            return await response.Content.ReadFromJsonAsync<T>(ContractsJson.Options, cancellation) is { } value ? new(value, null) : new(null, "Signaling answered with nothing.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException or NotSupportedException
            || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new(null, exception is OperationCanceledException ? "Signaling does not answer in time." : exception is HttpRequestException or IOException ? "Signaling cannot be reached." : "Signaling's answer cannot be read.");
        }
    }

    /// <summary>For files: the answer as it comes, without a limit on its length. The caller disposes it.</summary>
    /// <returns>Null: signaling is not there.</returns>
    public async Task<HttpResponseMessage?> OpenAsync(string path, CancellationToken cancellation)
    {
        if (tokens is null)
            return null;
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Get());
        try
        {
            return await clients.CreateClient(Client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    static async Task<Answer<T>> RefusedAsync<T>(HttpResponseMessage response, CancellationToken cancellation) where T : class
    {
        var missing = response.StatusCode == HttpStatusCode.NotFound;
        var isReason = response.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json";
        var error = isReason ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellation) : default;
        var reason = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String ? message.GetString() : null;
        return new(null, response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => "Signaling does not accept the console's key (Console:KeyId, Console:KeySecret).",
            _ => reason ?? $"Signaling answered with status {(int)response.StatusCode}.",
        }, missing);
    }
}
